import Glibc

/// The property that `FUZZ_TARGET` names.
private let property: Property = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let property = Property.all.first(where: { $0.name == name }) else {
        fatalError("FUZZ_TARGET must be one of \(Property.all.map(\.name).joined(separator: ", ")), not \"\(name)\"")
    }
    return property
}()

/// What libFuzzer calls with each input; a property that does not hold ends the process, and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Not worth keeping: nobody can send so much at once.
    guard count <= property.longestInput else { return -1 }
    // libFuzzer's memory is its own only until we return.
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    do throws(Violation) {
        try property.check(bytes[...])
    } catch {
        fatalError("\(property.name): \(error)")
    }
    return 0
}
