use super::*;

fn made(recipe: &str) -> Result<Vec<u8>, MakeError> {
    let recipe: Recipe = toml::from_str(recipe).map_err(MakeError::new)?;
    let kitchen = Kitchen {
        root: PathBuf::from("/nowhere"),
        lines: recipe.lines,
        depth: 0,
    };
    kitchen.all(&recipe.chunk)
}

#[test]
fn every_ingredient_comes_out_as_it_is_named() {
    for (chunk, want) in [
        (r"text = 'a'", &b"a"[..]),
        (r"hex = '00 ff1b'", b"\0\xff\x1b"),
        (
            r"encode = { charset = 'shift_jis', text = '表' }",
            b"\x95\x5c",
        ),
        (
            r"encode = { charset = 'iso-2022-jp', text = '表' }",
            b"\x1b$BI=\x1b(B",
        ),
        (
            r"encode = { charset = 'utf-16be', text = '表' }",
            b"\x88\x68",
        ),
        (r"base64 = [{ text = 'hello' }]", b"aGVsbG8=\r\n"),
        (r"b64 = [{ text = 'hell' }]", b"aGVsbA=="),
        (r"qp = [{ text = '=é x ' }]", b"=3D=C3=A9 x=20"),
        (r"q = [{ text = 'é' }]", b"=C3=A9"),
        (r"percent = [{ text = 'é' }]", b"%C3%A9"),
        (
            r"word = { charset = 'utf-8', text = 'é' }",
            b"=?utf-8?B?w6k=?=",
        ),
        (
            r"repeat = { count = 3, chunk = [{ text = '{n},' }] }",
            b"0,1,2,",
        ),
        (r"repeat = { count = 2, chunk = [{ hex = '61' }] }", b"aa"),
        (r"xor = { with = 1, chunk = [{ text = 'ab' }] }", b"`c"),
        (r"take = { count = 1, chunk = [{ text = 'ab' }] }", b"a"),
    ] {
        let bytes = made(&format!("ext = 'x'\n[[chunk]]\n{chunk}\n")).unwrap();
        assert_eq!(bytes, want, "{chunk}");
    }
}

#[test]
fn mistakes_are_told() {
    for chunk in [
        "hex = 'abc'",
        "hex = 'xy'",
        "encode = { charset = 'klingon', text = 'a' }",
        "encode = { charset = 'shift_jis', text = '😀' }",
        "case = 'no/such'",
        "repeat = { count = 100000000, chunk = [{ text = 'a' }] }",
        "nonsense = 'a'",
        "png = { width = 100000, height = 1 }",
    ] {
        assert!(
            made(&format!("ext = 'x'\n[[chunk]]\n{chunk}\n")).is_err(),
            "{chunk}"
        );
    }
}

#[test]
fn line_ends_are_those_of_the_recipe() {
    let recipe = "ext = 'x'\nlines = 'crlf'\n[[chunk]]\ntext = \"a\\nb\"\n";
    assert_eq!(made(recipe).unwrap(), b"a\r\nb");
}

#[test]
fn base64_is_broken_at_76_columns() {
    let recipe =
        "ext = 'x'\n[[chunk]]\nbase64 = [{ repeat = { count = 60, chunk = [{ text = 'a' }] } }]\n";
    let text = String::from_utf8(made(recipe).unwrap()).unwrap();
    let lengths: Vec<usize> = text.lines().map(str::len).collect();
    assert_eq!(lengths, [76, 4]);
}

#[test]
fn pictures_are_read_by_their_own_library() {
    for (chunk, size) in [
        ("png = { width = 3, height = 2 }", (3, 2)),
        (
            "png = { width = 3, height = 2, extra = [{ kind = 'tEXt', data = [{ text = 'a' }] }] }",
            (3, 2),
        ),
        ("jpeg = { width = 8, height = 9, orientation = 6 }", (8, 9)),
        (
            "jpeg = { width = 8, height = 9, segment = [{ marker = 254, data = [{ text = 'a' }] }] }",
            (8, 9),
        ),
        ("gif = { width = 5, height = 4, frames = 3 }", (5, 4)),
        (
            "bmp = { width = 5, height = 4, pattern = 'checker' }",
            (5, 4),
        ),
        (
            "webp = { width = 5, height = 4, pattern = 'plain' }",
            (5, 4),
        ),
        (
            "tiff = { page = [{ width = 5, height = 4 }, { width = 1, height = 1 }], description = 'd' }",
            (5, 4),
        ),
    ] {
        let bytes = made(&format!("ext = 'x'\n[[chunk]]\n{chunk}\n")).unwrap();
        let picture = image::load_from_memory(&bytes).unwrap();
        assert_eq!((picture.width(), picture.height()), size, "{chunk}");
    }
}

#[test]
fn the_table_of_a_pdf_names_its_objects() {
    let recipe = "ext = 'pdf'\n[[chunk]]\npdf = { object = ['<< /Type /Catalog >>', { dict = '', stream = [{ text = 'q Q' }] }] }\n";
    let bytes = made(recipe).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("<<  /Length 3 >>\nstream\nq Q\nendstream"));
    let table = text.split("xref\n0 3\n").nth(1).unwrap();
    for (number, line) in (1..).zip(table.lines().skip(1).take(2)) {
        let offset: usize = line.get(..10).unwrap().parse().unwrap();
        assert!(bytes[offset..].starts_with(format!("{number} 0 obj").as_bytes()));
    }
}
