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
        return migrator
    }
}
