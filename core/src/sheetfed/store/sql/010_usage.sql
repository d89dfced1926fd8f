-- What an owner may still keep is counted before each page: without looking at the pages themselves.
CREATE INDEX pages_by_size ON pages (document, blob, size, id);
CREATE INDEX pictures_by_size ON pictures (page, size);
