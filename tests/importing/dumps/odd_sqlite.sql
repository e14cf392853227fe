PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE "Artists" (
    "ArtistId" INTEGER PRIMARY KEY AUTOINCREMENT,
    [Stage Name] NVARCHAR(120) COLLATE NOCASE,
    untyped,
    born UNSIGNED BIG INT,
    kind TEXT CHECK (kind IN ('solo', 'band')),
    score REAL DEFAULT 0.5,
    odd STRING DEFAULT "quoted",
    weird POINT,
    at DATETIME DEFAULT (datetime('now')),
    upper_name TEXT GENERATED ALWAYS AS (upper(kind)) STORED,
    flag BOOLEAN NOT NULL DEFAULT 0 CHECK (flag IN (0, 1)),
    CHECK (length(kind) > 2)
);
INSERT INTO Artists VALUES(1,'x; CREATE TABLE y(a)',NULL,1);
CREATE TABLE albums (
    id INTEGER PRIMARY KEY,
    artist INTEGER NOT NULL REFERENCES Artists ON DELETE CASCADE ON UPDATE CASCADE,
    title VARCHAR(255, 3) NOT NULL ON CONFLICT REPLACE,
    released DATE DEFAULT CURRENT_DATE,
    price DECIMAL(10, 2) DEFAULT -1.5,
    UNIQUE (artist, title)
);
CREATE TABLE settings (name TEXT, value BLOB) ;
CREATE TABLE pairs (a INTEGER, b INTEGER, PRIMARY KEY (a, b), FOREIGN KEY (a) REFERENCES albums (id), FOREIGN KEY (b) REFERENCES nowhere (id)) WITHOUT ROWID;
CREATE INDEX albums_released ON albums (released DESC);
CREATE UNIQUE INDEX albums_cheap ON albums (title) WHERE price < 1;
CREATE INDEX artists_lower ON Artists (lower(kind));
CREATE VIEW cheap AS SELECT * FROM albums WHERE price < 1;
CREATE TRIGGER t AFTER INSERT ON albums BEGIN
  UPDATE albums SET price = 1 WHERE id = new.id;
  DELETE FROM pairs;
END;
COMMIT;
