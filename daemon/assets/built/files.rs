// Written by protocol/browser/tools/bundle.mjs.
&[
    Asset { name: "BeVietnamPro-Bold.woff2", file: "BeVietnamPro-Bold-7XW245ED.woff2", imports: &[], content: include_bytes!("BeVietnamPro-Bold-7XW245ED.woff2") },
    Asset { name: "BeVietnamPro-Regular.woff2", file: "BeVietnamPro-Regular-RHWKICXN.woff2", imports: &[], content: include_bytes!("BeVietnamPro-Regular-RHWKICXN.woff2") },
    Asset { name: "checkin-scan.js", file: "checkin-scan-CTFP7P47.js", imports: &[], content: include_bytes!("checkin-scan-CTFP7P47.js") },
    Asset { name: "", file: "checkin-scan-CTFP7P47.js.map", imports: &[], content: include_bytes!("checkin-scan-CTFP7P47.js.map") },
    Asset { name: "licences.txt", file: "licences.txt", imports: &[], content: include_bytes!("licences.txt") },
    Asset { name: "", file: "shared-BEFDCDGH.js", imports: &[], content: include_bytes!("shared-BEFDCDGH.js") },
    Asset { name: "", file: "shared-BEFDCDGH.js.map", imports: &[], content: include_bytes!("shared-BEFDCDGH.js.map") },
    Asset { name: "style.css", file: "style-DZVILULW.css", imports: &[], content: include_bytes!("style-DZVILULW.css") },
    Asset { name: "", file: "style-DZVILULW.css.map", imports: &[], content: include_bytes!("style-DZVILULW.css.map") },
]
