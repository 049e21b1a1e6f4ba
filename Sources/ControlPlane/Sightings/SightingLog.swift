import Foundation
import GRDB
import StreamModel

/// The sightings in the database. Its calls wait on the database's own queue, never on a thread of the cooperative pool.
struct SightingLog: Sendable {
    let database: DatabaseQueue

    /// What is begun anew after a start.
    ///
    /// What was still open belongs to a server that is no more: it ended when it was seen last.
    /// - Returns: the id of the next sighting, larger than any that ever was.
    func begin() async throws -> Int {
        try await database.write { db in
            try db.execute(sql: "UPDATE sighting SET ended_at_unix = seen_at_unix WHERE ended_at_unix IS NULL")
            let last = try Int.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'sighting'")
            return (last ?? 0) + 1
        }
    }

    /// Writes sightings as they are now, and pictures of sightings that are there.
    func write(_ sightings: [Sighting], stills: [Int: Data]) async throws {
        try await database.write { db in
            for sighting in sightings { try Self.write(sighting, in: db) }
            for (id, jpeg) in stills {
                try db.execute(
                    sql: "UPDATE sighting SET still_bytes = ? WHERE id = ?", arguments: [jpeg.count, id])
                guard db.changesCount > 0 else { continue }
                try db.execute(
                    sql: "INSERT OR REPLACE INTO sighting_still (sighting_id, jpeg) VALUES (?, ?)",
                    arguments: [id, jpeg])
            }
        }
    }

    private static func write(_ sighting: Sighting, in db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO sighting (id, kind, label, tracking_id, camera_id, camera_name, pipeline_id, pipeline_name, transmission_id,
                    started_at_unix, ended_at_unix, seen_at_unix, score, bbox01)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET ended_at_unix = excluded.ended_at_unix, seen_at_unix = excluded.seen_at_unix,
                    score = excluded.score, bbox01 = excluded.bbox01
                """)
        let place = sighting.place
        try statement.execute(arguments: [
            sighting.id, sighting.kind.rawValue, sighting.label, sighting.trackingID, place.cameraID, place.cameraName,
            place.pipelineID, place.pipelineName, place.transmissionID, sighting.startedAtUnix, sighting.endedAtUnix,
            sighting.seenAtUnix,
            sighting.score, sighting.box.map { String(decoding: $0.json.data, as: UTF8.self) },
        ])
    }

    /// The newest that a query is about, newest first.
    func sightings(_ query: SightingQuery) async throws -> [Sighting] {
        var conditions = ["TRUE"]
        var arguments: StatementArguments = []
        func require(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [value]
        }
        require("id < ?", query.before)
        require("id > ?", query.after)
        require("camera_id = ?", query.cameraID)
        require("kind = ?", query.kind?.rawValue)
        require("label = ?", query.label)
        arguments += [query.limit]
        let sql =
            "SELECT * FROM sighting WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?"
        return try await database.read { [arguments] db in
            try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap(Self.sighting)
        }
    }

    func sighting(_ id: Int) async throws -> Sighting? {
        try await database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM sighting WHERE id = ?", arguments: [id]).flatMap(Self.sighting)
        }
    }

    func still(of id: Int) async throws -> Data? {
        try await database.read { db in
            try Data.fetchOne(db, sql: "SELECT jpeg FROM sighting_still WHERE sighting_id = ?", arguments: [id])
        }
    }

    /// Nil for one that a newer version wrote.
    private static func sighting(_ row: Row) -> Sighting? {
        guard let kind = EventKind(rawValue: row["kind"]) else { return nil }
        let box: String? = row["bbox01"]
        let stillBytes: Int = row["still_bytes"]
        return Sighting(
            id: row["id"], kind: kind, label: row["label"], trackingID: row["tracking_id"],
            place: SightingPlace(
                cameraID: row["camera_id"], cameraName: row["camera_name"], pipelineID: row["pipeline_id"],
                pipelineName: row["pipeline_name"], transmissionID: row["transmission_id"]),
            startedAtUnix: row["started_at_unix"], endedAtUnix: row["ended_at_unix"], seenAtUnix: row["seen_at_unix"],
            score: row["score"],
            box: box.flatMap { try? JSONValue(parsing: Data($0.utf8)) }.flatMap(PictureBox.init(_:)),
            hasStill: stillBytes > 0)
    }

    /// What is known of cameras by their sightings.
    func summary() async throws -> SightingSummary {
        try await database.read { db in
            var summary = SightingSummary()
            let labels = try Row.fetchAll(
                db, sql: "SELECT DISTINCT camera_id, label FROM sighting WHERE label IS NOT NULL")
            for row in labels { summary.labels[row["camera_id"], default: []].insert(row["label"]) }
            let stills = try Row.fetchAll(
                db, sql: "SELECT camera_id, MAX(id) AS id FROM sighting WHERE still_bytes > 0 GROUP BY camera_id")
            for row in stills { summary.newestStills[row["camera_id"]] = row["id"] }
            return summary
        }
    }

    /// Removes everything that is over.
    func removeEnded() async throws {
        try await database.write { try $0.execute(sql: "DELETE FROM sighting WHERE ended_at_unix IS NOT NULL") }
    }

    /// Removes the oldest beyond what the settings allow; what goes on stays.
    func prune(_ settings: EventSettings, nowUnix: Double) async throws {
        try await database.write { db in
            try db.execute(
                sql: "DELETE FROM sighting WHERE ended_at_unix < ?",
                arguments: [nowUnix - Double(settings.keepDays) * 86400])
            try db.execute(
                sql: """
                    DELETE FROM sighting WHERE ended_at_unix IS NOT NULL
                    AND id <= (SELECT id FROM sighting ORDER BY id DESC LIMIT 1 OFFSET ?)
                    """, arguments: [settings.maximumCount])
            try db.execute(
                sql: """
                    DELETE FROM sighting WHERE ended_at_unix IS NOT NULL AND id <= (
                        SELECT MAX(id) FROM (SELECT id, SUM(still_bytes) OVER (ORDER BY id DESC) AS total FROM sighting)
                        WHERE total > ?)
                    """, arguments: [settings.maximumMegabytes << 20])
        }
    }
}

/// What was seen before each camera.
struct SightingSummary: Hashable, Sendable {
    /// Of things, by camera.
    var labels: [String: Set<String>] = [:]
    /// The newest sighting with a picture, by camera.
    var newestStills: [String: Int] = [:]
}
