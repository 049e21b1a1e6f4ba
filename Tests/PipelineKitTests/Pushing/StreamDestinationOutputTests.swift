import MediaKit
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct StreamDestinationOutputTests {
    private static func destination(_ members: JSONValue) throws -> StreamDestination {
        try StreamDestination(json: members)
    }

    @Test func whatIsLoggedOfAnAddressHasNoSecret() throws {
        let output = try Self.destination(["kind": "rtmp", "address": "rtmp://me:hunter2@host/app", "key": "live-1"])
            .output
        for text in ["\(output)", String(reflecting: output), output.description] {
            #expect(text.contains("host/app") && !text.contains("live-1") && !text.contains("hunter2"))
        }
    }

    @Test(
        arguments: [
            ("rtmp", [:], ["MPEG-4 Audio"]),
            ("rtmp", ["audio": "off"], ["MPEG-4 Audio"]),
            ("rtmp", ["audio": "off", "silent_audio": false], []),
            ("rtmp", ["silent_audio": false], []),
            ("srt", [:], []),
            ("srt", ["silent_audio": true], ["MPEG-4 Audio"]),
        ] as [(String, JSONValue, [String])])
    func whereThereIsNoSoundThereIsSilenceWhereItIsWanted(kind: String, wish: JSONValue, expected: [String]) throws {
        var members: [String: JSONValue] = ["kind": .string(kind), "address": .string("\(kind)://host:9000/app")]
        members.merge(wish.objectValue ?? [:]) { $1 }
        let sounds = PublishedSounds(of: .none, for: [try Self.destination(.object(members)).sound])
        #expect(sounds.tracks.map(\.format.media.name) == expected)
    }

    /// A service is told once what there is: its connection must not depend on when the camera answers.
    @Test func soundForServicesIsTheSameWhateverTheCameraHas() throws {
        let sound = try Self.destination(["kind": "rtmp", "address": "rtmp://host/app"]).sound
        #expect(!sound.dependsOnCamera)
        let known: [KnownSound] = [.unknown, .none, .format(Sounds.format)]
        #expect(Set(known.map { sound.versions(of: $0) }).count == 1)
    }

    @Test func camerasAreAskedForH264() throws {
        let destination = try Self.destination([
            "kind": "srt", "address": "srt://host:9000", "active": true, "fps_limit": 30,
        ])
        let terms = CopyTerms(Encoding(of: destination), outputs: [], destinations: [destination])
        #expect(terms.fps == 30 && terms.size == nil && !terms.allowsH265(isForced: true))
        var facts = CameraFacts(codec: "hevc")
        facts.packetCount = 1000
        let route = CopyRoute(
            cameraID: "c", pipelineID: "p", writerID: "w", priority: 0, reducerFPS: nil, isForced: true)
        #expect(terms.verdict(on: facts, route: route, isCopied: false).objection?.code == "copy_other_codec")
    }

    @Test(arguments: [
        (MediaError.Kind.refused, false, "destination_refused"), (.refused, true, "destination_broke_off"),
        (.timedOut, false, "destination_no_answer"), (.timedOut, true, "destination_stuck"),
        (.unreachable, false, "destination_unreachable"), (.unauthorized, false, "destination_unauthorized"),
        (.notFound, false, "destination_not_found"), (.unsupported, false, "destination_unsupported"),
        (.other, false, "destination_failed"), (.endOfStream, true, "destination_broke_off"),
    ])
    func eachCauseHasASentence(kind: MediaError.Kind, wasSending: Bool, code: String) {
        let failure = PushFailure(
            MediaError(kind: kind, operation: "send", reason: "I/O error"), target: "rtmp://host/app",
            wasSending: wasSending)
        #expect(failure.code.code == code && failure.text.hasPrefix("rtmp://host/app "))
    }
}
