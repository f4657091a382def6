// Written by protocol/browser/tools/bundle.mjs.
&[
    Asset { name: "BeVietnamPro-Bold.woff2", file: "BeVietnamPro-Bold-7XW245ED.woff2", imports: &[], content: include_bytes!("BeVietnamPro-Bold-7XW245ED.woff2") },
    Asset { name: "BeVietnamPro-Regular.woff2", file: "BeVietnamPro-Regular-RHWKICXN.woff2", imports: &[], content: include_bytes!("BeVietnamPro-Regular-RHWKICXN.woff2") },
    Asset { name: "licences.txt", file: "licences.txt", imports: &[], content: include_bytes!("licences.txt") },
    Asset { name: "style.css", file: "style-WDDRR4TO.css", imports: &[], content: include_bytes!("style-WDDRR4TO.css") },
    Asset { name: "", file: "style-WDDRR4TO.css.map", imports: &[], content: include_bytes!("style-WDDRR4TO.css.map") },
]
