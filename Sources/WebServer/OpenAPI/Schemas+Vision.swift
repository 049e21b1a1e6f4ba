import ControlPlane
import StreamModel

extension Schemas {
    /// What detection needs, and its installation.
    static let vision: [String: JSONValue] = [
        "Vision": Schema.answer([
            "ready": Schema.boolean, "runtime": Schema.nullable(Schema.reference("VisionPart")),
            "models": Schema.list(Schema.reference("VisionPart")), "install": Schema.reference("VisionInstall"),
            "problem": Schema.nullable(Schema.string), "problem_code": Schema.nullable(Schema.string),
            "problem_parameters": ["type": "object"],
        ]),
        "VisionPart": Schema.answer([
            "id": Schema.string, "name": Schema.string, "licence": Schema.nullable(Schema.string),
            "installed": Schema.boolean, "uploaded": Schema.boolean, "bytes": Schema.nullable(Schema.integer),
            "download_bytes": Schema.nullable(Schema.integer), "input_size": Schema.nullable(Schema.integer),
            "problem": Schema.nullable(Schema.string), "problem_code": Schema.nullable(Schema.string),
            "problem_parameters": ["type": "object"],
        ]),
        "VisionInstall": Schema.answer(
            installProgress.merging([
                "item": Schema.nullable(Schema.string), "name": Schema.nullable(Schema.string),
            ]) { $1 }),
        "VisionModel": ["type": "string", "contentMediaType": "application/octet-stream"],
        "VisionWish": Schema.object(VisionWish.shape),
    ]

    /// How an installation goes, of whatever.
    static let installProgress: [String: JSONValue] = [
        "state": Schema.choice(InstallProgress.State.self),
        "bytes": Schema.integer, "total_bytes": Schema.nullable(Schema.integer),
        "bytes_per_second": Schema.nullable(Schema.number), "remaining_seconds": Schema.nullable(Schema.number),
        "attempt": Schema.integer, "error": Schema.nullable(Schema.string),
        "error_code": Schema.nullable(Schema.string), "error_parameters": ["type": "object"],
        "started_at_unix": Schema.nullable(Schema.number), "finished_at_unix": Schema.nullable(Schema.number),
    ]
}
