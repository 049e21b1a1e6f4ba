import Foundation
import GRDB
import StreamModel

/// The tables as values and back. Each configured thing is one JSON document in a row of its own.
enum StoreRows {
    private static let settingsName = "streaming"

    static func read(_ db: Database) throws -> StoredConfiguration {
        var result = StoredConfiguration()
        if let text = try String.fetchOne(
            db, sql: "SELECT document FROM settings WHERE name = ?", arguments: [settingsName])
        {
            result.settings = try StreamingSettings(json: JSONValue(parsing: Data(text.utf8)), at: ["settings"])
        }
        result.transmissions = try documents("transmission", in: db)
        result.cameras = try documents("camera", in: db)
        result.pipelines = try documents("pipeline", in: db)
        return result
    }

    private static func documents<Model: JSONModel>(_ table: String, in db: Database) throws -> [Model] {
        try Row.fetchAll(db, sql: "SELECT id, document FROM \(table) ORDER BY position, id").map { row in
            let text: String = row["document"]
            let id: String = row["id"]
            return try Model(json: JSONValue(parsing: Data(text.utf8)), at: [.member(table), .member(id)])
        }
    }

    /// Writes what differs.
    static func write(_ new: StoredConfiguration, replacing old: StoredConfiguration, in db: Database) throws {
        let settings = settingsDocument(new)
        if settings != settingsDocument(old) {
            try db.execute(
                sql:
                    "INSERT INTO settings (name, document) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET document = excluded.document",
                arguments: [settingsName, settings])
        }
        try write(new.transmissions, replacing: old.transmissions, table: "transmission", in: db)
        try write(new.cameras, replacing: old.cameras, table: "camera", in: db)
        try write(new.pipelines, replacing: old.pipelines, table: "pipeline", in: db)
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
            try db.execute(
                sql: """
                    INSERT INTO \(table) (id, position, document) VALUES (?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET position = excluded.position, document = excluded.document
                    """,
                arguments: [model.id, position, text(model.json)])
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
