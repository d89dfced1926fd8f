-- What a page's file was opened with, its password for one, sealed.
ALTER TABLE pages ADD COLUMN reading TEXT NOT NULL DEFAULT '';
