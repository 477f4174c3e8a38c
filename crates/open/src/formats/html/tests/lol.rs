//! The second opinion: the same renderer on the tokens of `lol_html`.

use super::super::names::{Content, Name};
use super::super::render::Renderer;
use super::super::tokens::Attrs;
use lol_html::{HtmlRewriter, Settings, doc_comments, doc_text, element};
use std::cell::RefCell;
use std::rc::Rc;

struct Reader<'r, 'c> {
    renderer: Renderer<'r, 'c>,
    text: String,
    /// The names of open elements whose text holds no character references.
    raw: Vec<bool>,
    /// What is read is the content of a `noscript`.
    nested: bool,
}

/// Reads a page; what `lol_html` takes for raw text in `noscript` is read once more as a page.
pub(super) fn read<'r, 'c>(page: &str, renderer: Renderer<'r, 'c>) -> Renderer<'r, 'c> {
    let reader = Rc::new(RefCell::new(Reader {
        renderer,
        text: String::new(),
        raw: Vec::new(),
        nested: false,
    }));
    run(page, &reader);
    let Ok(reader) = Rc::try_unwrap(reader) else {
        panic!("handlers are gone");
    };
    reader.into_inner().renderer
}

fn run(page: &str, reader: &Rc<RefCell<Reader<'_, '_>>>) {
    let again: RefCell<Option<String>> = RefCell::new(None);
    // handlers must not borrow the rewriter: they gather events, in order
    let events: Rc<RefCell<Vec<Event>>> = Rc::new(RefCell::new(Vec::new()));
    let on_element = Rc::clone(&events);
    let on_text = Rc::clone(&events);
    let on_comment = Rc::clone(&events);
    let settings = Settings::new()
        .with_strict(false)
        .append_element_content_handler(element!("*", move |element| {
            let name = element.tag_name();
            let element_name = name.clone();
            let attributes = element
                .attributes()
                .iter()
                .map(|a| {
                    (
                        a.name(),
                        htmlize::unescape_attribute(a.value()).into_owned(),
                    )
                })
                .collect();
            let slash = element.is_self_closing();
            on_element
                .borrow_mut()
                .push(Event::Open(name, attributes, slash));
            if let Some(handlers) = element.end_tag_handlers() {
                let on_end = Rc::clone(&on_element);
                let own = element_name.clone();
                let handler: lol_html::EndTagHandler<'static> = Box::new(move |tag| {
                    // elements that were left open are told of the end tag of another one
                    if tag.name() == own {
                        on_end.borrow_mut().push(Event::Close(own));
                    }
                    Ok(())
                });
                handlers.push(handler);
            }
            Ok(())
        }))
        .append_document_content_handler(doc_text!(move |chunk| {
            on_text.borrow_mut().push(Event::Text(
                chunk.as_str().to_owned(),
                chunk.last_in_text_node(),
            ));
            Ok(())
        }))
        .append_document_content_handler(doc_comments!(move |comment| {
            on_comment.borrow_mut().push(Event::Comment(comment.text()));
            Ok(())
        }));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    rewriter.write(page.as_bytes()).unwrap();
    rewriter.end().unwrap();
    for event in events.take() {
        reader.borrow_mut().take(event, &again);
        read_again(&again, reader);
    }
    reader.borrow_mut().flush(&again);
    read_again(&again, reader);
}

fn read_again(again: &RefCell<Option<String>>, reader: &Rc<RefCell<Reader<'_, '_>>>) {
    if let Some(noscript) = again.take() {
        reader.borrow_mut().nested = true;
        run(&noscript, reader);
        reader.borrow_mut().nested = false;
    }
}

enum Event {
    Open(String, Vec<(String, String)>, bool),
    Close(String),
    Text(String, bool),
    Comment(String),
}

impl Reader<'_, '_> {
    fn take(&mut self, event: Event, again: &RefCell<Option<String>>) {
        match event {
            Event::Text(text, last) => {
                self.text.push_str(&text);
                if last {
                    self.flush(again);
                }
            }
            Event::Open(name, attributes, slash) => {
                self.flush(again);
                let mut attrs = Attrs::default();
                for (name, value) in attributes {
                    if let Some(attr) = attrs.begin(name.as_bytes()) {
                        attrs.push(attr, value.as_bytes());
                    }
                }
                if slash {
                    attrs.set_self_closing();
                }
                let content = self.renderer.open(name.as_bytes(), &attrs).unwrap();
                let raw = matches!(content, Content::RawText | Content::Script | Content::Plain);
                if !Name::of(name.as_bytes()).is_void() {
                    self.raw.push(raw);
                }
            }
            Event::Close(name) => {
                self.flush(again);
                self.raw.pop();
                self.renderer.close(name.as_bytes()).unwrap();
            }
            Event::Comment(text) => {
                self.flush(again);
                self.renderer.comment(&text);
            }
        }
    }

    fn flush(&mut self, again: &RefCell<Option<String>>) {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if self.renderer.in_noscript() && !self.nested {
            again.replace(Some(text));
        } else if self.raw.last().copied().unwrap_or(false) {
            self.renderer.text(&text).unwrap();
        } else {
            self.renderer.text(&htmlize::unescape(&text)).unwrap();
        }
    }
}
