//! The form of a single requirement.
//!
//! Source: Easy Approach to Requirements Syntax: a condition, a system, one response.

pub(crate) mod no_response;
pub(crate) mod several_in_one;
