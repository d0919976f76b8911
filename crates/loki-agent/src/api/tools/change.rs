//! `write`, `edit` and `delete`: all the ways in which files change but by commands.

use serde::Deserialize;
use serde_json::json;

use super::super::model::ToolOffer;
use super::Outcome;
use super::place::Place;

/// Larger files are not edited.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// A whole file.
#[derive(Deserialize)]
pub(super) struct Write {
    path: String,
    content: String,
}

/// A part of a file.
#[derive(Deserialize)]
pub(super) struct Edit {
    path: String,
    old: String,
    new: String,
    #[serde(default)]
    all: bool,
}

/// A file that is no longer wanted.
#[derive(Deserialize)]
pub(super) struct Delete {
    path: String,
}

pub(super) fn offer_of_write() -> ToolOffer {
    ToolOffer {
        name: "write",
        description: "Writes a whole file, new or not. Directories are made.",
        schema: json!({
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "below the working directory"},
                "content": {"type": "string", "description": "all of the file"},
            },
            "required": ["path", "content"],
        }),
    }
}

pub(super) fn offer_of_edit() -> ToolOffer {
    ToolOffer {
        name: "edit",
        description: "Replaces a text in a file by another. The old text must be in the file \
                      exactly as given, and only once unless all is true.",
        schema: json!({
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "below the working directory"},
                "old": {"type": "string", "description": "with its spaces and line ends"},
                "new": {"type": "string", "description": "stands in its place"},
                "all": {"type": "boolean", "description": "replace it wherever it is"},
            },
            "required": ["path", "old", "new"],
        }),
    }
}

pub(super) fn offer_of_delete() -> ToolOffer {
    ToolOffer {
        name: "delete",
        description: "Deletes a file or an empty directory.",
        schema: json!({
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "below the working directory"},
            },
            "required": ["path"],
        }),
    }
}

pub(super) fn write(place: &Place, wish: &Write) -> Outcome {
    let path = place.path(&wish.path)?;
    place.root().write(&path, wish.content.as_bytes()).map_err(|err| err.to_string())?;
    Ok(format!("[wrote {path}, {} bytes]", wish.content.len()))
}

pub(super) fn edit(place: &Place, wish: &Edit) -> Outcome {
    let path = place.path(&wish.path)?;
    let bytes = place.root().read(&path, FILE_BYTES_MAX).map_err(|err| err.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| format!("`{path}` is not UTF-8"))?;
    if wish.old.is_empty() {
        return Err("the old text is empty; use write for a whole file".to_owned());
    }
    let count = text.matches(&wish.old).count();
    let changed = match count {
        0 => return Err(format!("the old text is not in `{path}`; read it again")),
        1 => text.replacen(&wish.old, &wish.new, 1),
        _ if wish.all => text.replace(&wish.old, &wish.new),
        _ => {
            return Err(format!(
                "the old text is {count} times in `{path}`; give more of it, or all"
            ));
        }
    };
    place.root().write(&path, changed.as_bytes()).map_err(|err| err.to_string())?;
    Ok(format!("[replaced {count} in {path}]"))
}

pub(super) fn delete(place: &Place, wish: &Delete) -> Outcome {
    let path = place.path(&wish.path)?;
    place.root().delete(&path).map_err(|err| err.to_string())?;
    Ok(format!("[{path} is gone]"))
}
