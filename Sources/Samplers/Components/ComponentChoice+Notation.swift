// A sampler or pruner as it is written on a command line.

public import StudyModel

extension ComponentChoice {
  /// Reads `NAME`, `NAME:VALUE` (its first option) or `NAME:OPTION=VALUE,OPTION=VALUE`.
  ///
  /// - Throws: ``SamplerError`` when there is no such component, option or value.
  public init(parsing text: String, as kind: ComponentKind) throws(SamplerError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    let description = try kind.named(name)
    var options: [String: Double] = [:]
    if parts.count > 1 {
      for item in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
        let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let key: String
        if pair.count == 2 {
          key = String(pair[0])
        } else if let first = description.options.first {
          key = first.name
        } else {
          throw .unknownOption(component: name, option: String(item), known: [])
        }
        guard let value = Double(pair[pair.count - 1]) else {
          throw .badOption(
            component: name, option: String(item),
            reason: "write \(key)=NUMBER, several with a comma between them")
        }
        if options.updateValue(value, forKey: key) != nil {
          throw .badOption(component: name, option: key, reason: "it stands there twice")
        }
      }
    }
    try description.validate(options)
    self.init(name, options: options)
  }

  /// As ``init(parsing:as:)`` reads it: `percentile:25`, other options by name.
  public var notation: String {
    let items = options.sorted { $0.key < $1.key }.map { key, value in
      (key == name ? "" : "\(key)=") + OptionDescription.text(value)
    }
    return items.isEmpty ? name : "\(name):\(items.joined(separator: ","))"
  }
}
