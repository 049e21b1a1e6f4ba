extension String {
    /// The items of a list with commas between them, as a variable of the environment or a header field has it; blank ones
    /// left out.
    public var commaSeparated: [String] { split(separator: ",").map(\.trimmed).filter { !$0.isEmpty } }
}
