import Foundation
import Testing

/// Everything that the fuzzer found worth keeping, and every input that once showed a fault.
@Suite struct CorpusReplayTests {
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Corpus")

    @Test(.timeLimit(.minutes(1)), arguments: Property.all.map(\.name)) func holds(name: String) throws {
        let property = try #require(Property.all.first { $0.name == name })
        let folder = Self.corpus.appending(path: name)
        let inputs = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!inputs.isEmpty)
        for input in inputs {
            let bytes = [UInt8](try Data(contentsOf: input))
            #expect(throws: Never.self, "\(name)/\(input.lastPathComponent)") { try property.check(bytes[...]) }
        }
    }

    /// A folder of a target that is no more, or misspelled, would be replayed by nobody.
    @Test func everyFolderHasItsTarget() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path())
        #expect(Set(folders) == Set(Property.all.map(\.name)))
    }
}
