import GRDB

/// How the database came to be as it is; a migration that was released never changes.
enum StoreMigrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: documents and events") { db in
            try db.create(table: "settings") { table in
                table.primaryKey("name", .text)
                table.column("document", .text).notNull()
            }
            for name in ["transmission", "camera", "pipeline"] {
                try db.create(table: name) { table in
                    table.primaryKey("id", .text)
                    table.column("position", .integer).notNull()
                    table.column("document", .text).notNull()
                }
            }
            try db.create(table: "event") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("at_unix", .double).notNull()
                table.column("kind", .text).notNull()
                table.column("message", .text).notNull()
            }
        }
        migrator.registerMigration("2: users, sessions and tokens") { db in
            try db.create(table: "user") { table in
                table.primaryKey("id", .text)
                table.column("name", .text).notNull().unique().collate(.nocase)
                table.column("role", .text).notNull()
                table.column("created_at", .text).notNull()
                table.column("password", .text).notNull()
            }
            try db.create(table: "session") { table in
                table.primaryKey("id", .text)
                table.column("user_id", .text).notNull().references("user", onDelete: .cascade)
                table.column("created_at_unix", .double).notNull()
                table.column("last_seen_at_unix", .double).notNull()
                table.column("address", .text).notNull()
                table.column("user_agent", .text).notNull()
                table.column("cookie_hash", .text).notNull().unique()
            }
            try db.create(table: "token") { table in
                table.primaryKey("id", .text)
                table.column("name", .text).notNull()
                table.column("role", .text).notNull()
                table.column("created_at", .text).notNull()
                table.column("last_used_at_unix", .double)
                table.column("hash", .text).notNull().unique()
            }
        }
        migrator.registerMigration("3: sessions of Home Assistant's users") { db in
            // SQLite can't let a column be empty that could not be until now (https://sqlite.org/lang_altertable.html).
            try db.create(table: "new_session") { table in
                table.primaryKey("id", .text)
                table.column("user_id", .text).references("user", onDelete: .cascade)
                table.column("home_assistant_user", .text)
                table.column("created_at_unix", .double).notNull()
                table.column("last_seen_at_unix", .double).notNull()
                table.column("address", .text).notNull()
                table.column("user_agent", .text).notNull()
                table.column("cookie_hash", .text).notNull().unique()
                table.check(sql: "(user_id IS NULL) <> (home_assistant_user IS NULL)")
            }
            let columns = "id, user_id, created_at_unix, last_seen_at_unix, address, user_agent, cookie_hash"
            try db.execute(sql: "INSERT INTO new_session (\(columns)) SELECT \(columns) FROM session")
            try db.drop(table: "session")
            try db.rename(table: "new_session", to: "session")
        }
        migrator.registerMigration("4: what was seen") { db in
            try db.create(table: "sighting") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("kind", .text).notNull()
                table.column("label", .text)
                table.column("camera_id", .text).notNull()
                table.column("camera_name", .text).notNull()
                table.column("pipeline_id", .text).notNull()
                table.column("pipeline_name", .text).notNull()
                table.column("transmission_id", .text)
                table.column("started_at_unix", .double).notNull()
                table.column("ended_at_unix", .double)
                table.column("seen_at_unix", .double).notNull()
                table.column("score", .double).notNull()
                table.column("bbox01", .text)
                // Bytes of its picture: what is added up and asked for without reading any.
                table.column("still_bytes", .integer).notNull().defaults(to: 0)
            }
            for column in ["camera_id", "kind", "label"] {
                try db.create(index: "sighting_by_\(column)", on: "sighting", columns: [column])
            }
            try db.create(table: "sighting_still") { table in
                table.primaryKey("sighting_id", .integer).references("sighting", onDelete: .cascade)
                table.column("jpeg", .blob).notNull()
            }
        }
        migrator.registerMigration("5: which thing was seen") { db in
            try db.alter(table: "sighting") { $0.add(column: "tracking_id", .text) }
        }
        return migrator
    }
}
