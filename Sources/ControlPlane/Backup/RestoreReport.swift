import StreamModel

/// What a restore changes, or would.
public struct RestoreReport: Sendable {
    /// Things of one kind, by their names.
    struct Changes: Sendable {
        var added: [String] = []
        var changed: [String] = []
        var removed: [String] = []

        init<Thing: JSONModel & Identifiable<String>>(from old: [Thing], to new: [Thing], name: (Thing) -> String) {
            let before = Dictionary(old.map { ($0.id, $0) }) { first, _ in first }
            for thing in new {
                guard let known = before[thing.id] else {
                    added.append(name(thing))
                    continue
                }
                if known != thing { changed.append(name(thing)) }
            }
            let after = Set(new.map(\.id))
            removed = old.filter { !after.contains($0.id) }.map(name)
        }

        var json: JSONValue {
            ["added": Self.texts(added), "changed": Self.texts(changed), "removed": Self.texts(removed)]
        }

        private static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
    }

    /// Whether it was done, instead of only said.
    var isApplied: Bool
    /// Of what is stored, for a restore that is to do what was said.
    var revision: Int
    var backup: ConfigurationBackup
    var cameras: Changes
    var transmissions: Changes
    var pipelines: Changes
    var changesSettings: Bool
    /// What is to be done afterwards.
    var notes: [CodedMessage]

    init(
        of backup: ConfigurationBackup, from old: StoredConfiguration, to new: StoredConfiguration,
        notes: [CodedMessage], isApplied: Bool
    ) {
        self.isApplied = isApplied
        self.backup = backup
        self.notes = notes
        revision = old.revision
        cameras = Changes(from: old.cameras, to: new.cameras) { $0.name }
        transmissions = Changes(from: old.transmissions, to: new.transmissions) { $0.name.isEmpty ? $0.path : $0.name }
        pipelines = Changes(from: old.pipelines, to: new.pipelines) { $0.name }
        changesSettings =
            old.settings.engine != new.settings.engine || old.settings.cameraIngest != new.settings.cameraIngest
            || old.settings.events != new.settings.events || old.settings.mqtt != new.settings.mqtt
    }

    public var json: JSONValue {
        [
            "applied": .bool(isApplied), "revision": .integer(revision), "created_at": JSONValue(backup.createdAt),
            "product_version": JSONValue(backup.productVersion), "contains_secrets": .bool(backup.containsSecrets),
            "cameras": cameras.json, "transmissions": transmissions.json, "pipelines": pipelines.json,
            "settings_changed": .bool(changesSettings),
            "notes": .array(notes.map(\.json)),
        ]
    }
}
