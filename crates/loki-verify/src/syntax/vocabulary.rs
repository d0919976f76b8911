//! The words in which libraries assert.
//!
//! They differ in case, in prefixes and in what they put in front; what is left of a name after that
//! tells what it asserts.

/// What an assertion looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Check {
    /// That it is this value.
    Equal,
    /// That it is not this value.
    Different,
    /// That it counts as true.
    Truth,
    /// That it counts as false.
    Falsity,
    /// That there is no value.
    Absent,
    /// That there is some value.
    Present,
    /// That it holds something.
    Contains,
    /// That it fits a pattern.
    Matches,
    /// That it is of a type.
    Type,
    /// That it is more or less than something.
    Order,
    /// That it is about this value.
    Near,
    /// That it has this many elements.
    Length,
    /// That it has no element.
    Empty,
    /// That it has an element.
    Filled,
    /// That an error is raised.
    Throws,
    /// That no error is raised.
    Quiet,
    /// That a double was called.
    Called,
    /// That a double was called with this.
    CalledWith,
    /// That it is what an earlier run wrote down.
    Snapshot,
    /// That this place is not reached.
    Unreached,
    /// Something that only the name says.
    Custom,
}

impl Check {
    /// What is looked for when the whole is denied.
    pub(super) fn denied(self) -> Check {
        match self {
            Check::Equal => Check::Different,
            Check::Different => Check::Equal,
            Check::Truth => Check::Falsity,
            Check::Falsity => Check::Truth,
            Check::Absent => Check::Present,
            Check::Present => Check::Absent,
            Check::Empty => Check::Filled,
            Check::Filled => Check::Empty,
            Check::Throws => Check::Quiet,
            Check::Quiet => Check::Throws,
            other => other,
        }
    }
}

/// Beginnings that say only that something is asserted.
const BEGINNINGS: &[&str] =
    &["debugassert", "propassert", "xctassert", "assert", "expect", "check", "require", "must"];

/// Beginnings of what a matcher is called.
const MATCHER_BEGINNINGS: &[&str] = &["tohavebeen", "tohave", "tobe", "to", "be", "is", "has"];

/// What a name of an assertion looks for; nothing for one that only says that something is asserted.
///
/// `name` is what the library calls it, without what it is called on.
pub(super) fn check(name: &str) -> Check {
    let mut key: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let mut is_denied = false;
    if let Some(beginning) = BEGINNINGS.iter().find(|beginning| key.starts_with(**beginning)) {
        key.drain(..beginning.len());
    }
    for beginning in ["refute", "wont", "isnot", "arenot", "isno", "doesnot", "not"] {
        let is_word = key.len() > beginning.len() || beginning == "not";
        // `notnull` and `noterror` are denials, `nothing` and `note` are other words.
        if is_word && key.starts_with(beginning) && !key.starts_with("nothing") && key != "isnone" {
            key.drain(..beginning.len());
            is_denied = true;
            break;
        }
    }
    let found = exact(&key).or_else(|| {
        let rest = MATCHER_BEGINNINGS.iter().find_map(|beginning| key.strip_prefix(beginning));
        rest.and_then(exact)
    });
    let found = found.unwrap_or_else(|| by_part(&key));
    if is_denied { found.denied() } else { found }
}

/// Names that are known whole.
fn exact(key: &str) -> Option<Check> {
    Some(match key {
        "" | "true" | "truthy" | "ok" | "that" | "istrue" | "pass" => Check::Truth,
        "false" | "falsy" | "falsey" | "notok" => Check::Falsity,
        "null" | "none" | "nil" | "undefined" | "nullorundefined" | "absent" => Check::Absent,
        "notnull" | "some" | "defined" | "exist" | "exists" | "present" | "visible"
        | "inthedocument" | "notempty" => Check::Present,
        "eq" | "eql" | "equal" | "equals" | "is" | "be" | "same" | "exactly" | "equalto"
        | "tobe" | "identical" | "areequal" | "aresame" | "samevalue" | "deepequals" => {
            Check::Equal
        }
        "ne" | "neq" | "different" => Check::Different,
        "a" | "an" | "instanceof" | "instance" | "kindof" | "typeof" | "type" | "respondto"
        | "callable" | "isinstance" | "implements" | "array" | "string" | "anytype" | "func"
        | "object" | "function" | "number" => Check::Type,
        "lt" | "gt" | "le" | "ge" | "lte" | "gte" | "most" | "least" | "above" | "below"
        | "before" | "after" | "positive" | "negative" | "zero" | "between" | "operator" => {
            Check::Order
        }
        "len" | "length" | "size" | "count" | "lengthof" | "hassize" | "sameelementsize" => {
            Check::Length
        }
        "empty" => Check::Empty,
        "contain" | "contains" | "include" | "includes" | "in" | "oneof" | "member" | "members"
        | "haskey" | "key" | "keys" | "property" | "subset" | "superset" | "attribute" => {
            Check::Contains
        }
        "match" | "matches" | "regex" | "regexp" | "like" | "textcontent" | "path" | "that_" => {
            Check::Matches
        }
        "called" | "calledonce" | "called_once" | "toHaveBeenCalled" | "calledtimes"
        | "invoked" | "verify" | "notcalled" | "calledtwice" => Check::Called,
        "error" | "err" | "raises" | "raise" | "throws" | "throw" | "rejects" | "panics" => {
            Check::Throws
        }
        "noerror" | "noterror" | "nothrow" | "succeeds" | "doesnotthrow" | "nothing"
        | "nothingraised" | "nil error" => Check::Quiet,
        "fail" | "flunk" | "failnow" | "failure" | "failed" => Check::Unreached,
        _ => return None,
    })
}

/// Names that are known by a part: the first that fits.
const PARTS: &[(&str, Check)] = &[
    ("snapshot", Check::Snapshot),
    ("calledwith", Check::CalledWith),
    ("calledoncewith", Check::CalledWith),
    ("calledonceexactly", Check::CalledWith),
    ("anycall", Check::CalledWith),
    ("hascalls", Check::CalledWith),
    ("awaitedwith", Check::CalledWith),
    ("awaitedoncewith", Check::CalledWith),
    ("called", Check::Called),
    ("awaited", Check::Called),
    ("throw", Check::Throws),
    ("raise", Check::Throws),
    ("reject", Check::Throws),
    ("exception", Check::Throws),
    ("warns", Check::Throws),
    ("panic", Check::Throws),
    ("fails", Check::Throws),
    ("error", Check::Throws),
    ("almost", Check::Near),
    ("approx", Check::Near),
    ("close", Check::Near),
    ("near", Check::Near),
    ("indelta", Check::Near),
    ("inepsilon", Check::Near),
    ("accuracy", Check::Near),
    ("withindelta", Check::Near),
    ("greater", Check::Order),
    ("less", Check::Order),
    ("equal", Check::Equal),
    ("identical", Check::Equal),
    ("exactly", Check::Equal),
    ("elementsmatch", Check::Equal),
    ("same", Check::Equal),
    ("within", Check::Order),
    ("atleast", Check::Order),
    ("atmost", Check::Order),
    ("range", Check::Order),
    ("instance", Check::Type),
    ("typeof", Check::Type),
    ("contain", Check::Contains),
    ("include", Check::Contains),
    ("startswith", Check::Contains),
    ("endswith", Check::Contains),
    ("startwith", Check::Contains),
    ("endwith", Check::Contains),
    ("substring", Check::Contains),
    ("hasattribute", Check::Contains),
    ("property", Check::Contains),
    ("subset", Check::Contains),
    ("match", Check::Matches),
    ("regex", Check::Matches),
    ("haslen", Check::Length),
    ("length", Check::Length),
    ("notempty", Check::Filled),
    ("empty", Check::Empty),
    ("eq", Check::Equal),
];

fn by_part(key: &str) -> Check {
    let found = PARTS.iter().find(|(part, _)| match *part {
        // Too short to be looked for anywhere.
        "eq" => key.ends_with("eq"),
        part => key.contains(part),
    });
    found.map_or(Check::Custom, |(_, check)| *check)
}

/// Errors that every error is one of.
pub(super) fn is_broad_error(name: &str) -> bool {
    let last = name.rsplit(['.', ':', '\\']).next().unwrap_or_default().trim();
    matches!(
        last,
        "" | "Exception"
            | "BaseException"
            | "Error"
            | "Throwable"
            | "StandardError"
            | "object"
            | "Object"
            | "any"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_library_are_understood() {
        for (name, expected) in [
            ("assert", Check::Truth),
            ("assertEqual", Check::Equal),
            ("assert_eq", Check::Equal),
            ("assertNotEqual", Check::Different),
            ("assert_ne", Check::Different),
            ("assertTrue", Check::Truth),
            ("assertIsNone", Check::Absent),
            ("assertIsNotNone", Check::Present),
            ("assertNotNull", Check::Present),
            ("assertIn", Check::Contains),
            ("assertIsInstance", Check::Type),
            ("assertGreaterEqual", Check::Order),
            ("assertAlmostEqual", Check::Near),
            ("assertRaises", Check::Throws),
            ("assertThrows", Check::Throws),
            ("assertDoesNotThrow", Check::Quiet),
            ("assertCountEqual", Check::Equal),
            ("assertRaisesRegex", Check::Throws),
            ("deepStrictEqual", Check::Equal),
            ("notDeepStrictEqual", Check::Different),
            ("ok", Check::Truth),
            ("doesNotThrow", Check::Quiet),
            ("rejects", Check::Throws),
            ("doesNotReject", Check::Quiet),
            ("toBe", Check::Equal),
            ("toEqual", Check::Equal),
            ("toStrictEqual", Check::Equal),
            ("toBeTruthy", Check::Truth),
            ("toBeDefined", Check::Present),
            ("toBeUndefined", Check::Absent),
            ("toBeNull", Check::Absent),
            ("toBeInstanceOf", Check::Type),
            ("toContain", Check::Contains),
            ("toHaveLength", Check::Length),
            ("toBeGreaterThan", Check::Order),
            ("toBeCloseTo", Check::Near),
            ("toThrow", Check::Throws),
            ("toThrowError", Check::Throws),
            ("toHaveBeenCalled", Check::Called),
            ("toHaveBeenCalledWith", Check::CalledWith),
            ("toHaveBeenCalledTimes", Check::Called),
            ("toMatchSnapshot", Check::Snapshot),
            ("toMatchInlineSnapshot", Check::Snapshot),
            ("toMatch", Check::Matches),
            ("Equal", Check::Equal),
            ("NotEqual", Check::Different),
            ("NoError", Check::Quiet),
            ("Error", Check::Throws),
            ("ErrorIs", Check::Throws),
            ("Nil", Check::Absent),
            ("NotNil", Check::Present),
            ("ElementsMatch", Check::Equal),
            ("InDelta", Check::Near),
            ("Len", Check::Length),
            ("assertEquals", Check::Equal),
            ("assertArrayEquals", Check::Equal),
            ("assertSame", Check::Equal),
            ("isEqualTo", Check::Equal),
            ("isNotNull", Check::Present),
            ("isTrue", Check::Truth),
            ("hasSize", Check::Length),
            ("containsExactly", Check::Equal),
            ("isInstanceOf", Check::Type),
            ("assert_called_once_with", Check::CalledWith),
            ("assert_called_once", Check::Called),
            ("assert_any_call", Check::CalledWith),
            ("assert_not_called", Check::Called),
            ("must_equal", Check::Equal),
            ("refute_nil", Check::Present),
            ("be_nil", Check::Absent),
            ("be_truthy", Check::Truth),
            ("eq", Check::Equal),
            ("AreEqual", Check::Equal),
            ("IsNotNull", Check::Present),
            ("EXPECT_EQ", Check::Equal),
            ("ASSERT_TRUE", Check::Truth),
            ("XCTAssertEqual", Check::Equal),
            ("XCTAssertNil", Check::Absent),
            ("XCTFail", Check::Custom),
            ("fail", Check::Unreached),
            ("assertJsonPath", Check::Custom),
        ] {
            assert_eq!(check(name), expected, "{name}");
        }
    }
}
