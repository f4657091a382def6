//! Wrong command lines and help, without a word of clap's own.

use clap::{Arg, ArgAction, Command, value_parser};
use vungxanh_command_line::{help, usage};

use super::support::Bundle;

/// Ids that have no text stand for themselves.
fn command() -> Command {
    let texts = Bundle::vietnamese();
    let sub = Command::new("go")
        .about("usage-other")
        .arg(Arg::new("code").value_name("CODE").required(true).help("usage-other"))
        .arg(
            Arg::new("minutes").long("minutes").help("usage-other").value_parser(value_parser!(u8)),
        )
        .arg(
            Arg::new("mode")
                .long("mode")
                .help("usage-other")
                .env("PROGRAM_MODE")
                .default_value("near")
                .value_parser(["near", "far"]),
        )
        .arg(Arg::new("all").long("all").action(ArgAction::SetTrue).help("usage-other"))
        .arg(
            Arg::new("one")
                .long("one")
                .action(ArgAction::SetTrue)
                .conflicts_with("all")
                .help("usage-other"),
        );
    help::localised(
        Command::new("program")
            .version("1")
            .about("usage-other")
            .subcommand_required(true)
            .subcommand(sub),
        &texts,
    )
}

/// Where lines break depends on how wide the terminal is.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn said(arguments: &[&str]) -> String {
    let error = command().try_get_matches_from([&["program"], arguments].concat()).unwrap_err();
    usage::localised(&error, &Bundle::vietnamese())
}

#[test]
fn usage_errors_are_in_the_readers_language() {
    for (arguments, expected) in [
        (&["goo"][..], "Lỗi: không có lệnh \"goo\"\nCó phải bạn muốn dùng go?\n"),
        (&["go"], "Lỗi: còn thiếu: <MÃ>\n"),
        (&["go", "1", "--al"], "Lỗi: ở đây không có tùy chọn hay tham số \"--al\"\n"),
        (
            &["go", "1", "--minutes", "x"],
            "\"x\" không phải giá trị hợp lệ của --minutes <SỐ_PHÚT>\n",
        ),
        (&["go", "1", "--minutes", "300"], "phải nằm trong 0..=255\n"),
        (&["go", "1", "--minutes"], "Lỗi: --minutes <SỐ_PHÚT> cần một giá trị\n"),
        (&["go", "1", "--mode", "x"], "\nGiá trị có thể dùng: near, far\n"),
        (&["go", "1", "--all", "--one"], "Lỗi: không dùng --all cùng với --one được\n"),
        (&["go", "1", "2"], "Lỗi: ở đây không có tùy chọn hay tham số \"2\"\n"),
        (&["go", "1", "--minutes", "1", "--minutes", "2"], "chỉ được ghi một lần\n"),
        (&[], "Lỗi: thiếu một lệnh"),
    ] {
        let text = said(arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert!(text.ends_with("Xem thêm: --help\n"), "{text}");
        for english in ["error", "Usage", "OPTIONS", "COMMAND", "value", "required", "tip:"] {
            assert!(!text.contains(english), "{arguments:?}: {english} in {text}");
        }
    }
}

#[test]
fn help_holds_nothing_that_clap_says_by_itself() {
    for arguments in [&["--help"][..], &["go", "--help"]] {
        let text = said(arguments);
        for english in [
            "Usage",
            "Options",
            "OPTIONS",
            "COMMAND",
            "Commands",
            "[default",
            "ossible values",
            "[env",
        ] {
            assert!(!text.contains(english), "{english} in {text}");
        }
        assert!(text.contains("Cách dùng: program "), "{text}");
    }
    let help = said(&["go", "--help"]);
    assert!(help.contains("[TÙY CHỌN]"), "{help}");
    for expected in
        ["giá trị: near, far", "mặc định: near", "biến môi trường: PROGRAM_MODE", "<MÃ>"]
    {
        assert!(on_one_line(&help).contains(expected), "{expected} in {help}");
    }
}
