"""The parts of pages: tables, fields, buttons, tags, panels, lists of facts and charts, as tags of templates."""
