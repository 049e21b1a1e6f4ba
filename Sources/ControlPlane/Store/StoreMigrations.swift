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
        return migrator
    }
}
