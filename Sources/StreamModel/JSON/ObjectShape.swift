/// What the members of an object may be, as reading it shows. Descriptions of it are made from this, so that none of them can
/// differ from what is really read.
public struct ObjectShape: Hashable, Sendable {
    public struct Member: Hashable, Sendable {
        public indirect enum Kind: Hashable, Sendable {
            case string, secret, boolean
            case integer(ClosedRange<Int>)
            case number(ClosedRange<Double>)
            case choice([String])
            case strings
            case object(ObjectShape)
            case objects(ObjectShape)
            /// Read in a way of its own.
            case any
        }

        public var kind: Kind
        public var isRequired = false
        /// Whether null means the same as leaving it out.
        public var isNullable = false
        /// Whether it is there for answers, and forgotten when a request sends it.
        public var isReadOnly = false
    }

    public fileprivate(set) var members: [String: Member] = [:]
    /// Whether members that it does not have are refused.
    public fileprivate(set) var refusesOthers = false

    /// - Parameter read: reads an object in the way that is to be described. What it makes of it is forgotten.
    public init(_ read: (ObjectReader) -> Void) {
        let recorder = ShapeRecorder()
        read(ObjectReader(recording: recorder))
        self = recorder.shape
    }

    fileprivate init() {}

    public init<Model: JSONModel>(of type: Model.Type) {
        self.init { _ = Model(reading: $0) }
    }

    /// That of a member which is an object, or of the elements of one which is a list of objects; of any other, an empty one.
    public subscript(name: String) -> ObjectShape {
        switch members[name]?.kind {
        case .object(let shape), .objects(let shape): shape
        case .string, .secret, .boolean, .integer, .number, .choice, .strings, .any, nil: ObjectShape()
        }
    }
}

/// Notes what a reader is asked for.
final class ShapeRecorder {
    private var own = ObjectShape()
    private var nested: [String: ShapeRecorder] = [:]

    func note(_ name: String, _ member: ObjectShape.Member) {
        var member = member
        // What was read before in another way is still asked for.
        if own.members[name]?.isRequired == true {
            member.isRequired = true
            member.isNullable = false
        }
        own.members[name] = member
    }

    func noteOthersAreRefused() { own.refusesOthers = true }

    func reader(of name: String) -> ObjectReader {
        let recorder = ShapeRecorder()
        nested[name] = recorder
        return ObjectReader(recording: recorder)
    }

    var shape: ObjectShape {
        var result = own
        for (name, recorder) in nested {
            switch result.members[name]?.kind {
            case .object: result.members[name]?.kind = .object(recorder.shape)
            case .objects: result.members[name]?.kind = .objects(recorder.shape)
            case .string, .secret, .boolean, .integer, .number, .choice, .strings, .any, nil: break
            }
        }
        return result
    }
}
