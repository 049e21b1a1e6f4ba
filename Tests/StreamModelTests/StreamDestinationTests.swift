import Foundation
import StreamModel
import Testing

@Suite struct StreamDestinationTests {
    private static let srt: JSONValue = ["kind": "srt", "address": "srt://host:9000"]

    private static func transmission(_ destinations: [JSONValue]) throws(ValidationError) -> Transmission {
        try Transmission(json: ["id": "t", "destinations": .array(destinations)])
    }

    @Test func nothingLeavesBeforeSomebodySaysSo() throws {
        for (kind, isSilent) in [("rtmp", true), ("rtmps", true), ("srt", false), ("rtsp", false)] {
            let destination = try StreamDestination(
                json: ["kind": .string(kind), "address": .string("\(kind)://host:1935/app")])
            #expect(!destination.active)
            #expect(destination.silentAudio == isSilent)
            #expect(destination.srtMode == .caller && destination.srtLatencyMilliseconds == 200)
        }
    }

    @Test func whatATransmissionHasNotLooksAsInTheReference() throws {
        #expect(try Self.transmission([]).json["destinations"] == nil)
        let one = try Self.transmission([["id": "a", "kind": "srt", "address": "srt://host:9000", "x": 1]])
        #expect(one.json["destinations"]?.arrayValue?.first?["x"] == 1)
        #expect(try Transmission(json: one.json) == one)
    }

    @Test func noAnswerShowsASecret() throws {
        let secrets = ["live-key-1", "a passphrase", "stream-7", "hunter2"]
        let transmission = try Self.transmission([
            ["kind": "rtmps", "address": "rtmps://host/app", "key": "live-key-1"],
            [
                "kind": "srt", "address": "srt://host:9000", "srt_passphrase": "a passphrase",
                "srt_stream_id": "stream-7",
            ],
            ["kind": "rtsp", "address": "rtsp://me:hunter2@host/live"],
        ])
        let shown = String(decoding: transmission.publicJSON.data, as: UTF8.self) + "\(transmission)"
        for secret in secrets { #expect(!shown.contains(secret)) }
        let destinations = transmission.publicJSON["destinations"]?.arrayValue ?? []
        #expect(destinations.map { $0["key_set"] } == [true, false, false])
        #expect(destinations.map { $0["srt_passphrase_set"] } == [false, true, false])
        #expect(destinations.map { $0["srt_stream_id_set"] } == [false, true, false])
        #expect(Secret.all(in: transmission).count == 4)
    }

    @Test func anUpdateKeepsSecretsForTheSameHostAlone() throws {
        let stored = try Self.transmission([
            ["id": "a", "kind": "rtmp", "address": "rtmp://me:hunter2@host/app", "key": "k1"]
        ])
        func updated(_ destination: JSONValue) throws -> StreamDestination {
            try Self.transmission([destination]).keepingSecrets(of: stored).destinations[0]
        }
        var shown = try #require(stored.publicJSON["destinations"]?.arrayValue?.first?.objectValue)
        let same = try updated(.object(shown))
        #expect(same.key == Secret("k1") && same.address == "rtmp://me:hunter2@host/app")
        shown["key"] = ""
        #expect(try updated(.object(shown)).key == nil)
        #expect(
            try updated(["id": "a", "kind": "rtmp", "address": "rtmp://elsewhere/app"]).key == nil,
            "a key is not sent to another host")
        #expect(try updated(["id": "b", "kind": "rtmp", "address": "rtmp://host/app"]).key == nil)
        let error = #expect(throws: ValidationError.self) {
            try updated(["id": "a", "kind": "rtmp", "address": "rtmp://••••@elsewhere/app"])
        }
        #expect(error?.issues.first?.location == ["body", "destinations", 0, "address"])
    }

    /// What a page shows is sent back by it when something else is changed.
    @Test func anAddressOfManyPartsIsSavedAgainWithoutItsKey() throws {
        let stored = try Self.transmission([
            ["id": "a", "kind": "rtmp", "address": "rtmp://host/app/instance", "key": "k1"]
        ])
        var shown = try #require(stored.publicJSON["destinations"]?.arrayValue?.first?.objectValue)
        shown["key_set"] = nil
        let same = try Self.transmission([.object(shown)]).keepingSecrets(of: stored)
        #expect(same.destinations == stored.destinations)
        shown["address"] = "rtmp://elsewhere/app/instance"
        let error = #expect(throws: ValidationError.self) {
            try Self.transmission([.object(shown)]).keepingSecrets(of: stored)
        }
        #expect(error?.issues.first?.coded.code == "destination_key_in_address", "its key is not sent to another host")
    }

    @Test(
        arguments: [
            (["kind": "rtmp", "address": "https://host/app"], "address", "destination_address_scheme"),
            (["kind": "rtmp", "address": "rtmp://host/a pp"], "address", "destination_address_space"),
            (["kind": "rtmp", "address": "rtmp:///app"], "address", "destination_address_host"),
            (["kind": "rtmp", "address": "rtmp://host:x/app"], "address", "destination_address_port"),
            (["kind": "rtmps", "address": "rtmps://host/app/key"], "address", "destination_key_in_address"),
            (["kind": "rtmp", "address": "rtmp://host", "key": "k"], "address", "destination_address_application"),
            (["kind": "rtmp", "address": "rtmp://host:1935/?a=/b"], "address", "destination_address_application"),
            (["kind": "rtmps", "address": "rtmps://me:word@host//"], "address", "destination_address_application"),
            (["kind": "srt", "address": "srt://host"], "address", "destination_address_port"),
            (["kind": "srt", "address": "srt://:9000"], "address", "destination_address_host"),
            (
                ["kind": "srt", "address": "srt://host:9000?passphrase=secret1234"], "address",
                "destination_address_query"
            ),
            (["kind": "rtsp", "address": "rtsp://host:70000/live"], "address", "destination_address_port"),
            (["kind": "rtmp", "address": "rtmp://host/app", "key": "a b"], "key", "destination_key"),
            (["kind": "srt", "address": "srt://host:9000", "key": "k"], "key", "destination_key_unused"),
            (
                ["kind": "srt", "address": "srt://host:9000", "srt_passphrase": "short"], "srt_passphrase",
                "destination_passphrase"
            ),
            (
                ["kind": "srt", "address": "srt://host:9000", "srt_stream_id": "a b"], "srt_stream_id",
                "destination_stream_id"
            ),
            (["kind": "rtmp"], "address", "field_missing"),
            (["kind": "hls", "address": "rtmp://host/app"], "kind", "field_none_of_these"),
        ] as [(JSONValue, String, String)])
    func whatIsWrongIsToldAtItsField(destination: JSONValue, field: String, code: String) {
        let error = #expect(throws: ValidationError.self) {
            try Self.transmission([destination]).keepingSecrets(of: nil)
        }
        let issue = error?.issues.first
        #expect(issue?.location == ["body", "destinations", 0, .member(field)])
        #expect(issue?.coded.code == code)
        let said = String(decoding: issue?.json.data ?? Data(), as: UTF8.self)
        for secret in ["a b", "short", "secret1234"] where field != "address" || secret != "a b" {
            #expect(!said.contains(secret), "what was sent as a secret is not repeated")
        }
    }

    @Test func aListenerNeedsNoHost() throws {
        for address in ["srt://:9000", "srt://0.0.0.0:9000", "srt://[::]:9000"] {
            _ = try StreamDestination(json: ["kind": "srt", "address": .string(address), "srt_mode": "listener"])
        }
    }

    @Test func thereIsABoundToTheirNumberAndNoneIsThereTwice() {
        let many = Array(repeating: Self.srt, count: Transmission.destinationLimit + 1)
        let tooMany = #expect(throws: ValidationError.self) { try Self.transmission(many) }
        #expect(tooMany?.issues.first?.coded.code == "list_too_long")
        let twice = #expect(throws: ValidationError.self) {
            try Self.transmission([
                ["id": "a", "kind": "srt", "address": "srt://host:9000"],
                ["id": "a", "kind": "srt", "address": "srt://host:9001"],
            ])
        }
        #expect(twice?.issues.first?.coded.code == "destination_id_twice")
    }

    @Test func workersAreToldWhatToSendAndTellHowItGoes() throws {
        let destination = try StreamDestination(
            json: ["id": "a", "kind": "rtmp", "address": "rtmp://host/app", "key": "k1", "active": true])
        let spec = RenditionSpec(
            id: "t:push:a", transmissionID: "t", encoding: Encoding(of: destination), targets: [],
            destinations: [destination])
        let told = try JSONDecoder().decode(RenditionSpec.self, from: JSONEncoder().encode(spec))
        #expect(told == spec && told.encoding.video.codec == .h264 && told.destinations[0].key == Secret("k1"))
        var status = DestinationStatus(transmissionID: "t", destinationID: "a", state: .waiting)
        status.messageCode = MessageCode("destination_refused", ["target": "x"])
        let event = WorkerEvent.destination(status)
        #expect(try JSONDecoder().decode(WorkerEvent.self, from: JSONEncoder().encode(event)) == event)
    }
}
