//! What can be wrong: the declaration that help, settings, pages, SARIF and tests are made from.
use crate::kernel::{
    diagnostic::Finding,
    settings::Settings,
    spec::{Catalog, Document},
    units::Instant,
};
use std::{fmt, str::FromStr};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not reported.
    Off,
    /// Worth knowing.
    Note,
    /// Should be mended.
    Warning,
    /// Wrong: commands that need the document refuse to work with it.
    Error,
}

impl Level {
    /// All levels, least first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Note, Self::Warning, Self::Error];

    /// The word used in settings, flags and output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or_else(|| {
            format!("`{text}` is not a level; expected `off`, `note`, `warning` or `error`")
        })
    }
}

/// One thing that can be wrong.
pub struct Rule {
    /// Stable code, such as `SLO004`; never used again for another rule.
    pub code: &'static str,
    /// Name in kebab case, which reads well after "allow".
    pub name: &'static str,
    /// Level unless settings say otherwise.
    pub level: Level,
    /// Whether `--fix` can mend what it finds.
    pub fixable: bool,
    /// The page: what it does, why it matters, bad and good examples, source.
    pub page: &'static str,
    /// How it is found.
    pub check: Check,
}

/// How a rule finds what it finds.
pub enum Check {
    /// While documents are read and linked; the finding is made there.
    Reading,
    /// By looking at values of one document, whichever of them could be read. What is missing there says
    /// nothing: the field may stand there, misspelt.
    Values(fn(&Context<'_>, &Document, &mut Vec<Finding>)),
    /// By looking at one document, all of which could be read.
    Document(fn(&Context<'_>, &Document, &mut Vec<Finding>)),
    /// By looking at all documents.
    Catalog(fn(&Context<'_>, &mut Vec<Finding>)),
}

/// What a check may look at. Checks are pure: the moment is given.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// All documents.
    pub catalog: &'a Catalog,
    /// The catalog's settings.
    pub settings: &'a Settings,
    /// The present moment, for what expires.
    pub now: Instant,
}

impl Rule {
    /// First sentence of the page, behind its heading: what the rule does.
    pub fn summary(&self) -> &'static str {
        self.page
            .split("\n\n")
            .map(str::trim)
            .find(|block| !block.is_empty() && !block.starts_with('#'))
            .unwrap_or("")
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.name)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// Declares an error or warning whose findings are made where a document is resolved, with the function that
/// picks its own among them: `found` of the module in which it stands.
macro_rules! resolving_rule {
    ($rule:ident, $code:literal, $name:literal, $level:ident, $check:ident, $what:literal) => {
        #[doc = $what]
        pub static $rule: $crate::kernel::diagnostic::Rule = $crate::kernel::diagnostic::Rule {
            code: $code,
            name: $name,
            level: $crate::kernel::diagnostic::Level::$level,
            fixable: false,
            page: include_str!(concat!($name, ".md")),
            check: $crate::kernel::diagnostic::rule::Check::Document($check),
        };

        fn $check(
            context: &$crate::kernel::diagnostic::rule::Context<'_>,
            document: &$crate::kernel::spec::Document,
            findings: &mut Vec<$crate::kernel::diagnostic::Finding>,
        ) {
            found(&$rule, context, document, findings);
        }
    };
}
pub(crate) use resolving_rule;
