import StreamModel
import Testing

@testable import ControlPlane

/// The forms are those of Home Assistant's sources (`homeassistant/components/generic/config_flow.py`, 2024.3 and 2025.11), as
/// `voluptuous-serialize` writes them.
@Suite("How a camera is made in Home Assistant") struct CameraFlowTests {
    private static let form = GenericCameraForm(
        streamSource: "rtsp://addon:8554/door", still: "http://addon:8100/still.jpg",
        credentials: ReadCredentials(username: "eve", password: Secret("hunter2")))

    private static let details: [JSONValue] = [
        ["name": "rtsp_transport", "optional": true, "type": "select", "options": [["tcp", "TCP"], ["udp", "UDP"]]],
        ["name": "authentication", "optional": true, "type": "select", "options": [["basic", "basic"]]],
        ["name": "framerate", "required": true, "type": "float", "description": ["suggested_value": 2]],
        ["name": "verify_ssl", "required": true, "type": "boolean", "default": true],
    ]
    private static let addresses: [JSONValue] = [
        ["name": "still_image_url", "optional": true, "type": "string"],
        ["name": "stream_source", "optional": true, "type": "string"],
        ["name": "username", "optional": true, "type": "string"],
        ["name": "password", "optional": true, "type": "string"],
    ]
    private static let flat = JSONValue.array(addresses + details)
    private static let sections = JSONValue.array(
        addresses + [
            ["name": "advanced", "required": true, "type": "expandable", "expanded": false, "schema": .array(details)]
        ])

    private static func step(_ schema: JSONValue, errors: JSONValue = .null) -> JSONValue {
        ["type": "form", "flow_id": "01F", "step_id": "user", "data_schema": schema, "errors": errors]
    }

    private static let answers: [String: JSONValue] = [
        "still_image_url": "http://addon:8100/still.jpg", "stream_source": "rtsp://addon:8554/door",
        "username": "eve", "password": "hunter2",
    ]
    private static let advanced: [String: JSONValue] = [
        "rtsp_transport": "tcp", "authentication": "basic", "framerate": 2, "verify_ssl": true,
    ]

    @Test func whatStandsSideBySideIsAnsweredSo() throws {
        var flow = CameraFlow(Self.form)
        #expect(
            try flow.next(Self.step(Self.flat)) == .answer(.object(Self.answers.merging(Self.advanced) { $1 })))
    }

    @Test func whatStandsInASectionIsAnsweredInIt() throws {
        var flow = CameraFlow(Self.form)
        let expected = Self.answers.merging(["advanced": .object(Self.advanced)]) { $1 }
        #expect(try flow.next(Self.step(Self.sections)) == .answer(.object(expected)))
        let confirmation: JSONValue = [["name": "confirmed_ok", "required": true, "type": "boolean", "default": false]]
        #expect(try flow.next(Self.step(confirmation)) == .answer(["confirmed_ok": true]))
        let end: JSONValue = ["type": "create_entry", "title": "addon", "result": ["entry_id": "01E"]]
        #expect(try flow.next(end) == .done(entryID: "01E", title: "addon"))
    }

    @Test func whatIsNotThereIsNotSent() throws {
        var flow = CameraFlow(GenericCameraForm(streamSource: "rtsp://addon:8554/door"))
        let expected = Self.advanced.merging(["stream_source": "rtsp://addon:8554/door"]) { $1 }
        #expect(try flow.next(Self.step(Self.flat)) == .answer(.object(expected)))
    }

    @Test func withoutItsStillACameraIsMadeAllTheSame() throws {
        var flow = CameraFlow(Self.form)
        _ = try flow.next(Self.step(Self.flat))
        let refused = Self.step(Self.flat, errors: ["still_image_url": "unable_still_load"])
        guard case .answer(let second) = try flow.next(refused) else { throw CameraFlowProblem.unexpected }
        #expect(second["still_image_url"] == nil && second["stream_source"] != nil)
        // It is not what is wrong now.
        #expect(throws: CameraFlowProblem.refused(field: "still_image_url", code: "unable_still_load")) {
            try flow.next(refused)
        }
    }

    @Test(
        arguments: [
            (step(flat, errors: ["stream_source": "timeout"]), .refused(field: "stream_source", code: "timeout")),
            (
                step(flat, errors: ["still_image_url": "x", "stream_source": "stream_no_video"]),
                .refused(field: "stream_source", code: "stream_no_video")
            ),
            (step(flat, errors: ["base": "[Errno 5] rtsp://eve:hunter2@h"]), .refused(field: "base", code: nil)),
            (["type": "abort", "reason": "already_configured"], .aborted("already_configured")),
            (["type": "abort", "reason": "<b>hunter2"], .aborted(nil)),
            (step([["name": "colour", "required": true, "type": "string"]]), .unknownField("colour")),
            (step([["type": "string"]]), .unexpected), (step(.null), .unexpected), (["type": "menu"], .unexpected),
            (.null, .unexpected), (["type": "create_entry", "title": "x"], .unexpected),
            (["type": "create_entry", "title": "x", "result": ["entry_id": "' }}"]], .unexpected),
        ] as [(JSONValue, CameraFlowProblem)])
    func whatIsWrongIsASentenceWithoutASecret(_ answer: JSONValue, _ problem: CameraFlowProblem) {
        var flow = CameraFlow(Self.form)
        #expect(throws: problem) { try flow.next(answer) }
        #expect(problem.description.hasSuffix(".") && !problem.description.contains("hunter2"))
    }

    @Test func aFieldThatHasADefaultKeepsIt() throws {
        var flow = CameraFlow(Self.form)
        let schema: JSONValue = [
            ["name": "colour", "required": true, "type": "string", "default": "red"],
            ["name": "size", "optional": true, "type": "string"],
        ]
        #expect(try flow.next(Self.step(schema)) == .answer([:]))
    }

    @Test func formsWithoutAnEndAreGivenUp() {
        var flow = CameraFlow(Self.form)
        #expect(throws: CameraFlowProblem.unexpected) { while true { _ = try flow.next(Self.step(Self.flat)) } }
        var nested = Self.flat
        for _ in 0..<10 { nested = [["name": "more", "type": "expandable", "schema": nested]] }
        #expect(throws: CameraFlowProblem.unexpected) { try flow.next(Self.step(nested)) }
    }
}
