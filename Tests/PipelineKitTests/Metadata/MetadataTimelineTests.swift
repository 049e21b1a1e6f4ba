import MediaKit
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite final class MetadataTimelineTests {
    private let start = MonotonicInstant.now
    private var timeline = MetadataTimeline()

    private func at(_ milliseconds: Int) -> MonotonicInstant { start + .milliseconds(milliseconds) }

    private static func metadata(_ number: Int) throws -> PictureMetadata {
        try #require(PictureMetadata(json: Array("{\"n\":\(number)}".utf8)))
    }

    private func post(_ number: Int, at milliseconds: Int) throws {
        timeline.post(try Self.metadata(number), at: at(milliseconds))
    }

    private func picture(_ milliseconds: Int, with own: Int? = nil, arrival: Int? = nil) throws {
        timeline.pictureCame(
            capturedAt: at(milliseconds), with: try own.map(Self.metadata), now: at(arrival ?? milliseconds))
    }

    private func found(after first: Int, upTo last: Int) -> String? {
        timeline.metadata(after: at(first), upTo: at(last))?.text
    }

    @Test func whatIsPostedGoesWithTheNextPicture() throws {
        try picture(0)
        try post(1, at: 10)
        try picture(40)
        try picture(80)
        #expect(found(after: -1, upTo: 0) == nil)
        #expect(found(after: 0, upTo: 40) == #"{"n":1}"#)
        #expect(found(after: 40, upTo: 80) == nil)
    }

    @Test func theNewestPostWins() throws {
        try post(1, at: 0)
        try post(2, at: 5)
        try picture(40)
        #expect(found(after: 0, upTo: 40) == #"{"n":2}"#)
    }

    /// A picture comes coded, and then decoded, or the other way round; those before it are decoded meanwhile.
    @Test func aPictureIsTheSameCodedAndDecoded() throws {
        try picture(0)
        try picture(40)
        try post(1, at: 50)
        try picture(0)
        try picture(40)
        #expect(found(after: -1, upTo: 40) == nil, "they had come before it was posted")
        try picture(80)
        try post(2, at: 90)
        try picture(80)
        #expect(found(after: 40, upTo: 80) == #"{"n":1}"#)
        try picture(120)
        #expect(found(after: 80, upTo: 120) == #"{"n":2}"#)
    }

    /// A rendition that leaves pictures out looks back to the last that it sent.
    @Test func ofPicturesThatAreLeftOutTheNewestMetadataGoesOn() throws {
        for number in 1...3 {
            try post(number, at: 40 * number - 1)
            try picture(40 * number)
        }
        #expect(found(after: 0, upTo: 160) == #"{"n":3}"#)
        #expect(found(after: 0, upTo: 80) == #"{"n":2}"#)
    }

    @Test func whatCameInAPictureStaysUnlessSomethingWasPosted() throws {
        try picture(0, with: 7)
        try post(1, at: 10)
        try picture(40, with: 8)
        #expect(found(after: -1, upTo: 0) == #"{"n":7}"#)
        #expect(found(after: 0, upTo: 40) == #"{"n":1}"#)
    }

    @Test func whatWaitsTooLongIsForgotten() throws {
        try post(1, at: 0)
        try picture(2000)
        #expect(found(after: 0, upTo: 2000) == nil)
        try post(2, at: 2010)
        try picture(2040)
        try picture(4041, with: 3)
        #expect(found(after: 0, upTo: 2040) == nil)
        for number in 0..<500 { try picture(5000 + number, with: number) }
        #expect(found(after: 4990, upTo: 5379) == nil, "120 are kept at most")
        #expect(found(after: 4990, upTo: 5380) == #"{"n":380}"#)
    }
}
