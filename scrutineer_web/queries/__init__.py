"""Every read that is more than one record, by the stage of an inspection that it belongs to; nothing here writes."""
