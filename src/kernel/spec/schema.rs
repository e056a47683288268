//! JSON Schema (draft 7) of the language, for editors.
