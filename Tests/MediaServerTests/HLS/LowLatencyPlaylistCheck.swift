import Foundation

/// What Apple's `mediastreamvalidator` says of low-latency playlists, as far as it is public: RFC 8216bis and "Enabling
/// Low-Latency HTTP Live Streaming". It reads playlists by itself, one after the other, as a player does.
struct LowLatencyPlaylistCheck {
    struct Part: Equatable {
        var duration: Double
        var uri: String
        var isIndependent: Bool
    }

    struct Segment: Equatable {
        var number: Int
        var duration: Double?
        var uri: String?
        var date: Substring?
        var map: Substring?
        var isDiscontinuity = false
        var parts: [Part] = []
    }

    private final class Problems { var list: [String] = [] }

    private let found = Problems()
    var problems: [String] { found.list }
    /// Of the playlist that was read last, the unfinished one behind the others.
    private(set) var segments: [Segment] = []
    private(set) var partTarget = 0.0
    private(set) var targetDuration = 0.0
    private(set) var skippedCount = 0
    private(set) var hint: String?
    private(set) var firstNumber = 0
    /// Whether the camera keeps its rhythm, so that parts have to be long enough.
    var isRegular = true

    private func expect(_ isMet: Bool, _ problem: @autoclosure () -> String) {
        if !isMet { found.list.append(problem()) }
    }

    mutating func read(_ text: String) {
        let before = self
        (segments, skippedCount, hint) = ([], 0, nil)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        expect(lines.first == "#EXTM3U", "no #EXTM3U")
        expect(lines.last == "", "no line end at the end")
        expect(lines.contains("#EXT-X-INDEPENDENT-SEGMENTS"), "no independent segments")
        var control: [Substring: Substring] = [:]
        var map: Substring?
        var current = Segment(number: 0)
        for line in lines.dropFirst().dropLast() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let (tag, value) = (parts.first ?? "", parts.count > 1 ? parts[1] : "")
            expect(hint == nil, "something behind the hint: \(line)")
            switch tag {
            case "#EXT-X-VERSION": expect(value == "9", "version \(value)")
            case "#EXT-X-INDEPENDENT-SEGMENTS": break
            case "#EXT-X-TARGETDURATION": targetDuration = Double(value) ?? 0
            case "#EXT-X-SERVER-CONTROL": control = Self.attributes(value)
            case "#EXT-X-PART-INF": partTarget = Self.attributes(value)["PART-TARGET"].flatMap { Double($0) } ?? 0
            case "#EXT-X-MEDIA-SEQUENCE":
                firstNumber = Int(value) ?? 0
                current.number = firstNumber
            case "#EXT-X-DISCONTINUITY-SEQUENCE": expect(segments.isEmpty, "discontinuity sequence behind segments")
            case "#EXT-X-SKIP":
                skippedCount = Int(value.split(separator: "=")[1]) ?? 0
                current.number += skippedCount
            case "#EXT-X-DISCONTINUITY": current.isDiscontinuity = true
            case "#EXT-X-MAP": map = value
            case "#EXT-X-PROGRAM-DATE-TIME": current.date = value
            case "#EXT-X-PART":
                let attributes = Self.attributes(value)
                current.parts.append(
                    Part(
                        duration: attributes["DURATION"].flatMap { Double($0) } ?? -1,
                        uri: attributes["URI"].map(String.init) ?? "",
                        isIndependent: attributes["INDEPENDENT"] == "YES"))
            case "#EXTINF": current.duration = Double(value.dropLast())
            case "#EXT-X-PRELOAD-HINT":
                let attributes = Self.attributes(value)
                expect(attributes["TYPE"] == "PART", "hint of \(attributes["TYPE"] ?? "nothing")")
                hint = attributes["URI"].map(String.init)
            default:
                expect(!line.hasPrefix("#"), "unexpected \(line)")
                current.uri = String(line)
                current.map = map
                segments.append(current)
                current = Segment(number: current.number + 1)
            }
        }
        current.map = map
        if !current.parts.isEmpty { segments.append(current) }
        check(control)
        checkSegments()
        if !before.segments.isEmpty { check(after: before) }
    }

    private static func attributes(_ text: Substring) -> [Substring: Substring] {
        var result: [Substring: Substring] = [:]
        for pair in text.split(separator: ",") {
            let sides = pair.split(separator: "=", maxSplits: 1)
            if sides.count == 2 {
                result[sides[0]] = sides[1].hasPrefix("\"") ? sides[1].dropFirst().dropLast() : sides[1]
            }
        }
        return result
    }

    private func check(_ control: [Substring: Substring]) {
        expect(control["CAN-BLOCK-RELOAD"] == "YES", "no blocking reload")
        let holdBack = control["PART-HOLD-BACK"].flatMap { Double($0) } ?? 0
        expect(partTarget > 0, "no part target")
        expect(holdBack >= 3 * partTarget - 1e-9, "hold back \(holdBack) of parts of \(partTarget)")
        let skip = control["CAN-SKIP-UNTIL"].flatMap { Double($0) } ?? 0
        expect(skip >= 6 * targetDuration, "skip boundary \(skip)")
        expect(hint != nil, "no preload hint")
        expect(!segments.contains { $0.parts.contains { $0.uri == hint } }, "the hinted part is there already")
    }

    private func checkSegments() {
        for segment in segments {
            let sum = segment.parts.reduce(0) { $0 + $1.duration }
            expect((segment.duration ?? sum).rounded() <= targetDuration, "\(segment) is longer than \(targetDuration)")
            expect(segment.map != nil, "no initialization of \(segment)")
            expect(segment.date != nil, "no date of \(segment)")
            guard !segment.parts.isEmpty else { continue }
            if let duration = segment.duration {
                expect(abs(duration - sum) < 0.001, "parts of \(sum) in a segment of \(duration)")
            }
            expect(segment.parts[0].isIndependent, "a segment begins with a part that is not independent")
            for (index, part) in segment.parts.enumerated() {
                expect(part.duration <= partTarget + 1e-9, "a part of \(part.duration) of \(partTarget)")
                let isLast = index == segment.parts.count - 1 && segment.duration != nil
                expect(
                    isLast || !isRegular || part.duration >= 0.85 * partTarget - 0.001,
                    "a part of \(part.duration) is too short for \(partTarget)")
            }
        }
        // RFC 8216bis §6.2.2: what ends within three target durations of the end has its parts.
        let total = segments.reduce(0) { $0 + ($1.duration ?? $1.parts.reduce(0) { $0 + $1.duration }) }
        var end = 0.0
        for segment in segments {
            end += segment.duration ?? 0
            let isNear = total - end < 3 * targetDuration - 0.01
            expect(!isNear || !segment.parts.isEmpty || segment.duration == nil, "no parts near the end")
        }
    }

    /// What is there stays as it is, and what was announced comes.
    private func check(after before: Self) {
        expect(firstNumber >= before.firstNumber, "the sequence goes back")
        expect(targetDuration >= before.targetDuration, "the target duration shrinks")
        expect(
            !isRegular || partTarget == before.partTarget, "another part target: \(before.partTarget), \(partTarget)")
        let parts = segments.flatMap(\.parts)
        let known = Set(before.segments.flatMap(\.parts).map(\.uri))
        // A target duration that grows brings back parts of segments that had been too far from the end (§6.2.2).
        let new = parts[(parts.lastIndex { known.contains($0.uri) }.map { $0 + 1 } ?? 0)...]
        expect(
            new.first.map { $0.uri == before.hint } ?? true,
            "\(new.first?.uri ?? "") came in place of \(before.hint ?? "")")
        for segment in segments {
            guard let former = before.segments.first(where: { $0.number == segment.number }) else { continue }
            expect(former.duration == nil || former.uri == segment.uri, "another address of \(segment.number)")
            expect(former.duration == nil || former.duration == segment.duration, "\(segment) changes its duration")
            expect(former.date == segment.date, "\(segment) changes its date")
            expect(former.isDiscontinuity == segment.isDiscontinuity, "\(segment) changes its discontinuity")
            expect(former.map == segment.map, "\(segment) changes its initialization")
            expect(
                segment.parts.isEmpty || segment.parts.starts(with: former.parts), "\(segment) changes its parts")
        }
    }
}
