//! What is cut from the vocabulary: everything that runs, loads, links, embeds, or tells about the
//! writer instead of the document.

use super::schema::Holds;

/// Elements that have no index. Readers drop them with all that is in them.
const ELEMENTS: &[&str] = &[
    // texts
    "w:altChunk", "w:altChunkPr", "w:subDoc", "w:objectEmbed", "w:objectLink", "w:object", "w:control",
    "w:movie", "w:fldData", "w:ffData", "w:attachedTemplate", "w:attachedSchema", "w:mailMerge",
    "w:docVars", "w:docVar", "w:saveThroughXslt", "w:frameset", "w:frame", "w:sourceFileName",
    "w:framesetSplitbar", "w:dataBinding", "w:docPartObj", "w:docPartList", "w:docPart", "w:docParts",
    "w:placeholder", "w:glossaryDocument", "w:customXml", "w:customXmlPr", "w:smartTag", "w:smartTagPr",
    "w:customXmlInsRangeStart", "w:customXmlInsRangeEnd", "w:customXmlDelRangeStart",
    "w:customXmlDelRangeEnd", "w:customXmlMoveFromRangeStart", "w:customXmlMoveFromRangeEnd",
    "w:customXmlMoveToRangeStart", "w:customXmlMoveToRangeEnd", "w:ins", "w:del", "w:moveFrom", "w:moveTo",
    "w:moveFromRangeStart", "w:moveFromRangeEnd", "w:moveToRangeStart", "w:moveToRangeEnd", "w:delText",
    "w:delInstrText", "w:cellIns", "w:cellDel", "w:cellMerge", "w:numberingChange", "w:rPrChange",
    "w:pPrChange", "w:sectPrChange", "w:tblPrChange", "w:tblGridChange", "w:trPrChange", "w:tcPrChange",
    "w:tblPrExChange", "w:comments", "w:comment", "w:commentRangeStart", "w:commentRangeEnd",
    "w:commentReference", "w:annotationRef", "w:rsids", "w:rsidRoot", "w:rsid", "w:proofErr", "w:permStart",
    "w:permEnd", "w:documentProtection", "w:writeProtection", "w:embedRegular", "w:embedBold",
    "w:embedItalic", "w:embedBoldItalic", "w:printerSettings", "w:activeWritingStyle", "w:smartTagType",
    "w:webSettings", "w:recipients", "w:forceUpgrade", "w:updateFields", "w:linkStyles", "w:schemaLibrary",
    "w:readModeInkLockDown", "w:contentPart", "w:divs", "w:trackRevisions", "w:embedTrueTypeFonts",
    "w:embedSystemFonts", "w:saveSubsetFonts", "w:documentType", "w:proofState", "w:captions",
    // sheets
    "x:oleObjects", "x:oleObject", "x:controls", "x:control", "x:legacyDrawing", "x:legacyDrawingHF",
    "x:drawingHF", "x:webPublishItems", "x:webPublishing", "x:webPublishObjects", "x:customProperties",
    "x:externalReferences", "x:externalReference", "x:externalLink", "x:connections", "x:customSheetViews",
    "x:customWorkbookViews", "x:fileSharing", "x:smartTags", "x:smartTagPr", "x:smartTagTypes",
    "x:functionGroups", "x:fileRecoveryPr", "x:pivotCaches", "x:pivotCache", "x:oleSize", "x:dataConsolidate",
    "x:scenarios", "x:cellWatches", "x:extLst", "x:ext", "x:dialogsheet", "x:ddeLink", "x:oleLink",
    "x:externalBook", "x:queryTable", "x:xmlColumnPr", "x:MapInfo", "x:comments", "x:comment",
    "x:userInfo", "x:users", "x:volTypes", "x:calcChain", "x:headers", "x:revisions", "x:metadata",
    "x:pivotTableDefinition", "x:pivotCacheDefinition", "x:pivotCacheRecords", "x:singleXmlCells",
    "x:fileVersion", "x:workbookProtection", "x:webPr", "x:dbPr", "x:olapPr", "x:textPr",
    // slides
    "p:oleObj", "p:control", "p:controls", "p:timing", "p:snd", "p:sndAc", "p:embeddedFontLst",
    "p:custDataLst", "p:custData", "p:tags", "p:htmlPubPr", "p:webPr", "p:modifyVerifier", "p:extLst", "p:ext",
    "p:extLstMod", "p:cmAuthorLst", "p:cmLst", "p:cm", "p:smartTags", "p:contentPart", "p:oleObjLst",
    "p:cmd", "p:audio", "p:video", "p:kinsoku", "p:tagLst", "p:sldSyncPr", "p:external",
    // drawings
    "a:hlinkClick", "a:hlinkHover", "a:hlinkMouseOver", "a:audioCd", "a:wavAudioFile", "a:audioFile",
    "a:videoFile", "a:quickTimeFile", "a:snd", "a:extLst", "a:custDataLst", 
    "xdr:contentPart", "c:externalData", "c:extLst", "c:userShapes", "dgm:extLst",
    "c:printSettings", "c:legacyDrawingHF", "pic:extLst", "wp:contentPart", "lc:lockedCanvas",
    "wpc:contentPart", "wpg:contentPart", 
    // VML
    "o:OLEObject", "o:LinkType", "o:LockedField", "o:FieldCodes", "o:ink", "o:signatureline",
    "o:relationtable", "o:diagram",
];

/// Attributes that have no index, wherever they stand.
const ATTRIBUTES: &[&str] = &[
    "macro", "textlink", "fPublished", "codeName", "action", "href", "src", "althref", "target", "r:link",
    "r:href", "r:pict", "o:href", "o:althref", "o:button", "o:ole", "o:oleicon", "o:gfxdata", "o:src",
    "o:bullet", "o:relid", "o:spid", "o:data", "gfxdata", "w:docLocation", "w:tgtFrame", "w:rsidR",
    "w:rsidRPr", "w:rsidDel", "w:rsidRDefault", "w:rsidP", "w:rsidTr", "w:rsidSect", "w:author", "w:date",
    "w:initials", "w:shapeid", "w:ocx", "o:userdrawn", "invalidUrl", "highlightClick", "endSnd", "tgtFrame",
    "cm", "vm", "vbProcedure", "xlm", "function", "functionGroupId", "shortcutKey", "publishToServer",
    "workbookParameter", "published", "link", "autoRecover", "queryTableFieldId", "connectionId",
    "macroId", "scriptlocation", "onmouseover", "equationxml", "o:title", "xml:base", "filterPrivacy",
    "showInkAnnotation", "updateLinks", "saveExternalLinkValues", "customXml", 
];

/// Attributes that have no index on one element.
const PLACES: &[(&str, &str)] = &[
    ("w:hyperlink", "r:id"),
    ("x:hyperlink", "r:id"),
    ("x:pageSetup", "r:id"),
    ("x:definedName", "hidden"),
    ("x:definedName", "comment"),
    ("x:sheetPr", "syncRef"),
    ("p:presentation", "saveSubsetFonts"),
    ("p:presentation", "embedTrueTypeFonts"),
    ("c:chartSpace", "r:id"),
    ("w:background", "r:id"),
    ("v:background", "id"),
    ("v:imagedata", "o:movie"),
    ("v:imagedata", "o:oleid"),
    ("x:definedName", "customMenu"),
    ("x:definedName", "description"),
    ("x:definedName", "help"),
    ("x:definedName", "statusBar"),
    ("x:definedName", "refersTo"),
];

/// Attributes of VML that hold text for people; all others hold measures and words.
const SPOKEN: &[&str] = &["alt", "title", "string"];

pub(super) fn element(name: &str) -> bool {
    ELEMENTS.contains(&name)
}

pub(super) fn attribute(element: &str, name: &str) -> bool {
    ATTRIBUTES.contains(&name) || PLACES.contains(&(element, name))
}

/// What text an element holds where the schemas say less.
pub(super) fn text(element: &str) -> Option<Holds> {
    match element {
        "w:instrText" => Some(Holds::Instruction),
        "c:f" => Some(Holds::Formula),
        _ => None,
    }
}

/// The type of a value where the schemas say less.
pub(super) fn value(element: &str, name: &str) -> Option<char> {
    let vml = ["v:", "o:", "w10:"].iter().any(|prefix| element.starts_with(prefix));
    match (element, name) {
        ("w:fldSimple", "w:instr") => Some('i'),
        ("x:cfvo", "val") => Some('f'),
        (_, "r:id" | "r:embed" | "r:dm" | "r:lo" | "r:qs" | "r:cs" | "r:picture") => Some('r'),
        _ if vml && SPOKEN.contains(&name) => Some('t'),
        _ if vml => Some('s'),
        _ => None,
    }
}
