// Samplers and pruners as they are typed: `tpe`, `percentile:25`, `tpe:candidates=32,warmup=5`.

package import StudyModel

extension ComponentChoice {
  /// Reads `NAME` or `NAME:OPTION,…`, an option being `KEY=NUMBER`, or a bare number, whose key
  /// is the component's own name. Which names and options there are is not judged here.
  package init(notation text: String) throws(NotationError) {
    let body = text[...].trimmed
    let colon = body.firstIndex(of: ":")
    let name = body[..<(colon ?? body.endIndex)].trimmed
    if name.isEmpty { throw NotationError(.missing("a name"), in: text, at: name) }
    var options: [String: Double] = [:]
    if let colon {
      let list = body[body.index(after: colon)...]
      for item in list.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed) {
        let sign = item.firstIndex(of: "=")
        let key = sign.map { item[..<$0].trimmed } ?? name
        let value = sign.map { item[item.index(after: $0)...].trimmed } ?? item
        guard let number = value.decimalNumber else {
          throw NotationError(
            .notA("a number"), in: text, at: value, suggestions: ["\(name):OPTION=NUMBER"])
        }
        if options.updateValue(number, forKey: String(key)) != nil {
          throw NotationError(.repeated, in: text, at: key)
        }
      }
    }
    self.init(String(name), options: options)
  }

  /// `percentile:25`, options by name otherwise.
  package var notation: String {
    let items = options.sorted { $0.key < $1.key }.map { key, value in
      let number = Int64(exactly: value).map(String.init) ?? value.notation
      return key == name ? number : "\(key)=\(number)"
    }
    return items.isEmpty ? name : "\(name):\(items.joined(separator: ","))"
  }
}
