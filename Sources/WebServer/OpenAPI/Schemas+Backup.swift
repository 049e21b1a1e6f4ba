import StreamModel

extension Schemas {
    /// What a restore takes and answers.
    static let backups: [String: JSONValue] = [
        "Restore": Schema.object(
            [
                "backup": ["type": "object", "description": "What getBackup answers."],
                "dry_run": Schema.boolean,
                "revision": [
                    "type": "integer",
                    "description": "That of the report of a dry run: when it is another now, nothing changes (412).",
                ],
            ], required: ["backup"], allowsOthers: false),
        "RestoreReport": Schema.answer([
            "applied": Schema.boolean, "revision": Schema.integer, "created_at": Schema.nullable(Schema.string),
            "product_version": Schema.nullable(Schema.string), "contains_secrets": Schema.boolean,
            "cameras": changes, "transmissions": changes, "pipelines": changes, "settings_changed": Schema.boolean,
            "notes": Schema.list(Schema.reference("CodedMessage")),
        ]),
    ]

    private static let names = Schema.list(Schema.string)
    private static let changes = Schema.answer(["added": names, "changed": names, "removed": names])
}
