import Foundation
import GRDB
import StreamModel

/// The tables as values and back. Each configured thing is one JSON document in a row of its own.
enum StoreRows {
    private static let settingsName = InvalidDocument.settingsID
    private static let revisionName = "revision"

    static func read(_ db: Database) throws -> StoredConfiguration {
        var result = StoredConfiguration()
        result.revision = try document(revisionName, in: db).flatMap { Int($0) } ?? 0
        if let text = try document(settingsName, in: db) {
            do {
                result.settings = try StreamingSettings(json: JSONValue(parsing: Data(text.utf8)), at: ["settings"])
            } catch {
                result.invalid.append(invalid(.settings, id: settingsName, text, error))
            }
        }
        result.transmissions = try documents(.transmission, in: db, &result.invalid)
        result.cameras = try documents(.camera, in: db, &result.invalid)
        result.pipelines = try documents(.pipeline, in: db, &result.invalid)
        return result
    }

    /// Those that can be read; the others are put into `invalid`.
    private static func documents<Model: JSONModel>(
        _ kind: InvalidDocument.Kind, in db: Database, _ invalid: inout [InvalidDocument]
    ) throws -> [Model] {
        var models: [Model] = []
        for row in try Row.fetchAll(db, sql: "SELECT id, document FROM \(kind.rawValue) ORDER BY position, id") {
            let text: String = row["document"]
            do {
                models.append(try Model(json: JSONValue(parsing: Data(text.utf8)), at: []))
            } catch {
                invalid.append(self.invalid(kind, id: row["id"], text, error))
            }
        }
        return models
    }

    private static func invalid(
        _ kind: InvalidDocument.Kind, id: String, _ text: String, _ error: ValidationError
    ) -> InvalidDocument {
        let name = (try? JSONValue(parsing: Data(text.utf8)))?["name"]?.stringValue
        return InvalidDocument(
            kind: kind, id: id, name: name.map { String($0.prefix(64)) },
            reason: String(error.description.redactingCredentials.prefix(500)))
    }

    /// Writes what differs.
    static func write(_ new: StoredConfiguration, replacing old: StoredConfiguration, in db: Database) throws {
        let settings = settingsDocument(new)
        if settings != settingsDocument(old) { try write(settings, named: settingsName, in: db) }
        try write(String(new.revision), named: revisionName, in: db)
        try write(new.transmissions, replacing: old.transmissions, table: "transmission", in: db)
        try write(new.cameras, replacing: old.cameras, table: "camera", in: db)
        try write(new.pipelines, replacing: old.pipelines, table: "pipeline", in: db)
        for document in Set(old.invalid).subtracting(new.invalid) where !new.holds(document.kind, id: document.id) {
            try db.execute(sql: "DELETE FROM \(document.kind.rawValue) WHERE id = ?", arguments: [document.id])
        }
    }

    private static func document(_ name: String, in db: Database) throws -> String? {
        try String.fetchOne(db, sql: "SELECT document FROM settings WHERE name = ?", arguments: [name])
    }

    private static func write(_ document: String, named name: String, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO settings (name, document) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET document = excluded.document
                """,
            arguments: [name, document])
    }

    private static func settingsDocument(_ configuration: StoredConfiguration) -> String {
        var settings = configuration.settings
        settings.transmissions = []
        return text(settings.json)
    }

    private static func write<Model: JSONModel & Identifiable<String>>(
        _ new: [Model], replacing old: [Model], table: String, in db: Database
    ) throws {
        let before = Dictionary(uniqueKeysWithValues: old.enumerated().map { ($1.id, (position: $0, model: $1)) })
        for (position, model) in new.enumerated() {
            if let known = before[model.id], known.position == position, known.model == model { continue }
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO \(table) (id, position, document) VALUES (?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET position = excluded.position, document = excluded.document
                    """)
            try statement.execute(arguments: [model.id, position, text(model.json)])
        }
        for id in Set(before.keys).subtracting(new.map(\.id)).sorted() {
            try db.execute(sql: "DELETE FROM \(table) WHERE id = ?", arguments: [id])
        }
    }

    private static func text(_ json: JSONValue) -> String { String(decoding: json.data, as: UTF8.self) }

    static func append(_ event: StoredEvent, in db: Database, limit: Int) throws {
        try db.execute(
            sql: "INSERT INTO event (at_unix, kind, message) VALUES (?, ?, ?)",
            arguments: [event.atUnix, event.kind, event.message])
        try db.execute(
            sql: "DELETE FROM event WHERE id <= (SELECT MAX(id) FROM event) - ?", arguments: [limit])
    }

    static func events(in db: Database, limit: Int) throws -> [StoredEvent] {
        try Row.fetchAll(
            db, sql: "SELECT at_unix, kind, message FROM event ORDER BY id DESC LIMIT ?", arguments: [limit]
        )
        .map { StoredEvent(atUnix: $0["at_unix"], kind: $0["kind"], message: $0["message"]) }
    }
}
