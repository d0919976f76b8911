//! What a node is, in words that all languages share.
//!
//! Owns the vocabulary. Which node of a grammar plays which role is said by the adapter of its
//! language, in `language/`.

/// What a node of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// Nothing that is told apart.
    Other,
    /// A sign or a keyword.
    Token,
    /// A comment, documentation included.
    Comment,
    /// What makes names of other files known.
    Import,
    /// A class, structure, interface, trait, or the implementation of one.
    Class,
    /// A named room: a module in a file, a namespace.
    Module,
    /// A function or method with a name.
    Function,
    /// A function without a name.
    Lambda,
    /// A decorator, an attribute, an annotation; or a row of them.
    Decorator,
    /// What a function takes.
    Parameters,
    /// A row of statements.
    Block,
    /// An expression as a statement.
    Statement,
    /// A call, macros that look like one included.
    Call,
    /// The making of an object.
    New,
    /// A macro whose content is only tokens.
    Macro,
    /// What a call is given.
    Arguments,
    /// An argument with a name.
    Keyword,
    /// `a.b`, `a::b`, `a->b`.
    Member,
    /// A name.
    Name,
    /// `a[b]`.
    Subscript,
    /// An assertion that is a statement of the language.
    Assert,
    /// A conditional statement, or one of its branches with a condition.
    If,
    /// The branch without a condition.
    Else,
    /// A choice among many.
    Switch,
    /// One of them.
    Case,
    /// A loop, comprehensions apart.
    Loop,
    /// What is tried, with its handlers.
    Try,
    /// What is done with an error.
    Handler,
    /// What is done in any case.
    Finally,
    /// A block with something held open around it.
    With,
    /// Leaves the function.
    Return,
    /// Raises an error.
    Throw,
    /// Leaves or goes on with a loop.
    Jump,
    /// Waits for a promise.
    Await,
    /// Hands out one value of many.
    Yield,
    /// Does nothing.
    Pass,
    /// Gives a name a value.
    Bind,
    /// Two operands and an operator.
    Binary,
    /// One operand and an operator.
    Unary,
    /// `a if b else c`, `b ? a : c`.
    Ternary,
    /// Changes nothing about what it is around: parentheses, `&x`, `x?`, `x!`.
    Wrap,
    /// A text, with or without places that are filled in.
    Text,
    /// A place in a text that is filled in.
    Filled,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// No value.
    Null,
    /// A row of values.
    List,
    /// Keys with values.
    Map,
    /// A key with its value.
    Entry,
    /// A type.
    Type,
}

/// What a node is to the one around it, told by its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// No field, or none that is told apart.
    None,
    /// Its name.
    Name,
    /// What is called.
    Callee,
    /// What it is called with.
    Arguments,
    /// What a function takes.
    Parameters,
    /// What is done.
    Body,
    /// What is done otherwise.
    Alternative,
    /// On which condition.
    Condition,
    /// The left side.
    Left,
    /// The right side.
    Right,
    /// The value that is given or looked at.
    Value,
    /// The sign between.
    Operator,
    /// Its type.
    Type,
    /// What a class is made from.
    Heritage,
    /// Where it comes from.
    Source,
    /// Under which other name.
    Alias,
    /// The key of an entry.
    Key,
    /// What is declared, in languages that wrap names.
    Declarator,
}

/// What the fields of all grammars mean.
pub(super) const FIELDS: &[(&str, Part)] = &[
    ("name", Part::Name),
    ("method", Part::Name),
    ("function", Part::Callee),
    ("constructor", Part::Callee),
    ("macro", Part::Callee),
    ("arguments", Part::Arguments),
    ("parameters", Part::Parameters),
    ("parameter", Part::Parameters),
    ("body", Part::Body),
    ("consequence", Part::Body),
    ("block", Part::Body),
    ("alternative", Part::Alternative),
    ("condition", Part::Condition),
    ("left", Part::Left),
    ("lhs", Part::Left),
    ("pattern", Part::Left),
    ("right", Part::Right),
    ("rhs", Part::Right),
    ("value", Part::Value),
    ("operator", Part::Operator),
    ("operators", Part::Operator),
    ("op", Part::Operator),
    ("return_type", Part::Type),
    ("returns", Part::Type),
    ("type", Part::Type),
    ("result", Part::Type),
    ("superclasses", Part::Heritage),
    ("superclass", Part::Heritage),
    ("interfaces", Part::Heritage),
    ("trait", Part::Heritage),
    ("source", Part::Source),
    ("path", Part::Source),
    ("module_name", Part::Source),
    ("argument", Part::Value),
    ("alias", Part::Alias),
    ("key", Part::Key),
    ("declarator", Part::Declarator),
];
