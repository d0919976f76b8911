//! A name that is given its own value.

use loki_model::Severity;

use super::{Own, is_same, is_steady, short};
use crate::gates::rule::{Rule, while_judging};
use crate::syntax::{At, Language, Part, Role, Source};

/// `x = x`.
pub(in super::super) const OWN: Own = Own {
    rule: Rule {
        id: "static-analysis/self-assigned",
        severity: Severity::Warning,
        what: "A function gives a name the value that it has.",
        why: "Nothing happens: the value was meant for another name, or comes from another one.",
        example: "+    void setName(String nmae) {\n+        name = name;",
        fix: "Name what was meant, such as a field by `this`.",
        look: while_judging,
    },
    seen,
};

fn seen(source: &Source) -> Vec<(At, String)> {
    let language = source.language();
    // Elsewhere it makes a copy or a name of its own, or tells a compiler that a name is used.
    let is_one = language.is_script()
        || matches!(
            language,
            Language::Python | Language::Java | Language::CSharp | Language::Php | Language::Go
        );
    if !is_one {
        return Vec::new();
    }
    let tree = source.tree();
    let mut seen = Vec::new();
    for at in tree.all(Role::Bind) {
        let (Some(left), Some(right)) = (tree.child(at, Part::Left), tree.child(at, Part::Right))
        else {
            continue;
        };
        // Without a type between, which would make a new name of it.
        let is_plain = tree.children(at).count() == 3
            && tree.children(at).any(|sign| !tree.is_named(sign) && tree.text(sign) == "=");
        // What gives an element of a page its own value makes it load again.
        let is_told = matches!(tree.role(tree.bare(left)), Role::Name | Role::Other)
            || (!language.is_script() && matches!(tree.role(left), Role::Member));
        // In a class, that makes a name of outside one of the class.
        let mut around = tree.all_around(at).map(|at| tree.role(at));
        let is_in_function = around
            .find(|role| matches!(role, Role::Function | Role::Lambda | Role::Class))
            .is_some_and(|role| role != Role::Class);
        if is_plain
            && is_told
            && is_in_function
            && is_same(tree, left, right)
            && is_steady(tree, left)
        {
            seen.push((at, format!("`{}` changes nothing", short(tree.text(at)))));
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::super::testing::sees;
    use super::OWN;

    #[test]
    fn a_name_that_is_given_its_own_value_is_seen() {
        sees(
            &OWN,
            "a.py",
            "def f(self, a):\n    self.a = self.a\n",
            &[(2, "`self.a = self.a` changes nothing")],
        );
        sees(
            &OWN,
            "A.java",
            "class A {\n  void f(int a) { a = a; }\n}\n",
            &[(2, "`a = a` changes nothing")],
        );
        sees(&OWN, "a.js", "function f(a) {\n  a = a;\n}\n", &[(2, "`a = a` changes nothing")]);
        sees(
            &OWN,
            "a.go",
            "package a\nfunc f(a int) {\n\ta = a\n}\n",
            &[(3, "`a = a` changes nothing")],
        );
    }

    #[test]
    fn what_makes_a_copy_or_a_name_is_not_meant() {
        sees(&OWN, "a.py", "class A:\n    x = x\n", &[]);
        sees(&OWN, "a.py", "def f(a):\n    a = b\n    a += a\n", &[]);
        sees(&OWN, "a.go", "package a\nfunc f(a int) {\n\ta := a\n\t_ = a\n}\n", &[]);
        sees(&OWN, "a.js", "function f(a) {\n  location.href = location.href;\n}\n", &[]);
        sees(&OWN, "a.rs", "fn f(a: u8) {\n    let a = a;\n}\n", &[]);
    }
}
