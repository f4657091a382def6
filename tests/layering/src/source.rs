//! What a Rust file declares, imports and names, read from its tokens.

use std::collections::{BTreeMap, BTreeSet};

use crate::tokens::{Token, tokens};

/// A path as it is written: `["crate", "engine", "EngineError"]`.
pub(crate) type Path = Vec<String>;

/// A path that the code names, by `use` or in an expression or a type.
#[derive(Debug)]
pub(crate) struct Named {
    pub path: Path,
    /// Below `#[cfg(test)]` or `#[test]`.
    pub test: bool,
    /// A `pub use` whose name the module does not use itself.
    pub only_passed_on: bool,
}

/// A module: a file, or an inline one in it.
#[derive(Debug, Default)]
pub(crate) struct Module {
    pub declared: BTreeSet<String>,
    pub aliases: BTreeMap<String, Vec<Path>>,
    pub globs: Vec<Path>,
    pub named: Vec<Named>,
    /// `mod name;`, and whether it is there only for tests.
    pub children: BTreeMap<String, bool>,
    /// `mod name { ... }`.
    pub inline: BTreeMap<String, Module>,
    /// Module of tests as a whole.
    pub test: bool,
    /// How often each name stands outside of `use`.
    words: BTreeMap<String, usize>,
    reexports: Vec<(String, Path)>,
}

/// Reads the file with the text `source`.
pub(crate) fn read(source: &str) -> Module {
    let tokens = tokens(source);
    let mut module = Module::default();
    let mut reader = Reader { tokens: &tokens, at: 0 };
    reader.items(&mut module, tokens.len(), false, true);
    module.finish();
    module
}

impl Module {
    /// Of a `pub use`, says whether the module uses the name itself, too.
    fn finish(&mut self) {
        for (name, path) in std::mem::take(&mut self.reexports) {
            let only_passed_on = !self.words.contains_key(&name);
            self.named.push(Named { path, test: self.test, only_passed_on });
        }
        self.inline.values_mut().for_each(Module::finish);
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn word(&self, at: usize) -> Option<&str> {
        match self.tokens.get(at) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn is(&self, at: usize, sign: char) -> bool {
        self.tokens.get(at) == Some(&Token::Sign(sign))
    }

    fn is_path_sign(&self, at: usize) -> bool {
        self.is(at, ':') && self.is(at + 1, ':')
    }

    /// The token after the bracket that closes the one at `at`.
    fn after_group(&self, mut at: usize) -> usize {
        let mut depth = 0;
        while at < self.tokens.len() {
            match self.tokens[at] {
                Token::Sign('(' | '[' | '{') => depth += 1,
                Token::Sign(')' | ']' | '}') => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        at
    }

    /// Reads tokens up to `end` into `module`; `top` says that items there are the module's own.
    fn items(&mut self, module: &mut Module, end: usize, mut test: bool, top: bool) {
        let mut public = false;
        while self.at < end {
            if self.is(self.at, '#') {
                let whole_file = self.is(self.at + 1, '!');
                let open = self.at + 1 + usize::from(whole_file);
                let for_test = self.is(open, '[') && self.is_for_test(open);
                self.at = if self.is(open, '[') { self.after_group(open) } else { open };
                if for_test && whole_file {
                    test = true;
                    module.test |= top;
                } else if for_test {
                    let item_end = self.end_of_item(end);
                    self.items(module, item_end, true, top);
                }
                continue;
            }
            let word = self.word(self.at).unwrap_or_default();
            match word {
                "pub" => {
                    public = true;
                    self.at += 1;
                    if self.is(self.at, '(') {
                        self.at = self.after_group(self.at);
                    }
                    continue;
                }
                "use" => self.import(module, test, top, public),
                "mod" if self.word(self.at + 1).is_some() => self.module(module, test),
                "" if self.is(self.at, '{') => {
                    let close = self.after_group(self.at);
                    self.at += 1;
                    self.items(module, close.saturating_sub(1), test, false);
                    self.at = close;
                }
                "" => self.at += 1,
                _ => self.name(module, test, top),
            }
            public = false;
        }
    }

    /// Whether the attribute in the brackets at `open` leaves its item to tests.
    fn is_for_test(&self, open: usize) -> bool {
        let words: Vec<&str> =
            (open..self.after_group(open)).filter_map(|at| self.word(at)).collect();
        let has = |word: &str| words.contains(&word);
        (words.first() == Some(&"cfg") && has("test") && !has("not"))
            || words == ["test"]
            || (words.first() == Some(&"tokio") && words.get(1) == Some(&"test"))
    }

    /// The end of the item that begins here: its `;`, `,` or closing brace.
    fn end_of_item(&self, end: usize) -> usize {
        let mut at = self.at;
        while at < end {
            match self.tokens[at] {
                Token::Sign('{') => return self.after_group(at),
                Token::Sign('(' | '[') => at = self.after_group(at),
                Token::Sign(';' | ',') => return at + 1,
                _ => at += 1,
            }
        }
        end
    }

    fn module(&mut self, module: &mut Module, test: bool) {
        let name = self.word(self.at + 1).unwrap_or_default().to_owned();
        self.at += 2;
        if self.is(self.at, ';') {
            module.children.insert(name, test);
        } else if self.is(self.at, '{') {
            let close = self.after_group(self.at);
            self.at += 1;
            let mut inner = Module { test, ..Module::default() };
            self.items(&mut inner, close.saturating_sub(1), test, true);
            self.at = close;
            module.inline.insert(name, inner);
        }
    }

    fn import(&mut self, module: &mut Module, test: bool, top: bool, public: bool) {
        self.at += 1;
        if self.is_path_sign(self.at) {
            self.at += 2;
        }
        let mut imports = Vec::new();
        self.use_tree(&mut Vec::new(), &mut imports);
        for (alias, path) in imports {
            match alias {
                None => module.globs.push(path.clone()),
                Some(alias) => {
                    if top {
                        module.aliases.entry(alias.clone()).or_default().push(path.clone());
                    }
                    if public && top && !test {
                        module.reexports.push((alias, path));
                        continue;
                    }
                }
            }
            module.named.push(Named { path, test, only_passed_on: public && top });
        }
    }

    /// `a::{b, c as d, e::*}`: each path with the name under which it is known afterwards.
    fn use_tree(&mut self, prefix: &mut Path, imports: &mut Vec<(Option<String>, Path)>) {
        let depth = prefix.len();
        while self.at < self.tokens.len() {
            if self.is(self.at, '{') {
                self.at += 1;
                while self.at < self.tokens.len() && !self.is(self.at, '}') {
                    self.use_tree(prefix, imports);
                    if self.is(self.at, ',') {
                        self.at += 1;
                    }
                }
                self.at += 1;
                break;
            }
            if self.is(self.at, '*') {
                self.at += 1;
                imports.push((None, prefix.clone()));
                break;
            }
            let Some(word) = self.word(self.at).map(str::to_owned) else { break };
            self.at += 1;
            if word != "self" || prefix.is_empty() {
                prefix.push(word);
            }
            if self.is_path_sign(self.at) {
                self.at += 2;
                continue;
            }
            let mut alias = prefix.last().cloned();
            if self.word(self.at) == Some("as") {
                alias = self.word(self.at + 1).map(str::to_owned);
                self.at += 2;
            }
            if let Some(alias) = alias {
                imports.push((Some(alias), prefix.clone()));
            }
            break;
        }
        prefix.truncate(depth);
    }

    /// A declaration's name, or a path in the code.
    fn name(&mut self, module: &mut Module, test: bool, top: bool) {
        let word = self.word(self.at).unwrap_or_default().to_owned();
        *module.words.entry(word.clone()).or_default() += 1;
        let declares =
            ["fn", "struct", "enum", "trait", "const", "static", "type", "union", "macro_rules"]
                .contains(&&*word);
        if declares {
            self.at += 1 + usize::from(self.is(self.at + 1, '!'));
            if let Some(name) = self.word(self.at).map(str::to_owned)
                && top
                && !["fn", "mut", "unsafe", "extern", "async"].contains(&&*name)
            {
                module.declared.insert(name);
                self.at += 1;
            }
            return;
        }
        let mut path = vec![word];
        self.at += 1;
        while self.is_path_sign(self.at) {
            let Some(next) = self.word(self.at + 2) else { break };
            path.push(next.to_owned());
            self.at += 3;
        }
        if path.len() > 1 {
            module.named.push(Named { path, test, only_passed_on: false });
        }
    }
}
