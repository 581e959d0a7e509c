// How a program that embeds Cairn comes to its studies, and leaves them.

internal import PlainText
public import StudyModel
internal import StudyStorage

extension StudyDatabase {
  /// Opens the store at `path`, making it when `creating` and it is not there. Creations, claims
  /// and results are on disk when the calls that record them return.
  ///
  /// - Parameter compilingConstraints: makes an evaluator for a space's constraints;
  ///   StudySQL's `SQLConstraintEvaluator` is one. By default a space with constraints is refused.
  /// - Throws: why the store cannot be opened.
  public static func open(
    at path: String, creating: Bool = true,
    compilingConstraints: @escaping ConstraintCompiler = refuseConstraints
  ) throws -> StudyDatabase {
    let store = try Store.open(at: path, for: .writing(create: creating))
    return StudyDatabase(store, compilingConstraints: compilingConstraints)
  }

  /// Closes the store; trials that this process still holds can be taken by others from now on.
  public func close() throws { try store.close() }

  /// Takes spaces without constraints only.
  @Sendable public static func refuseConstraints(
    _ space: SearchSpace
  ) throws -> (any ConstraintEvaluator)? {
    guard let constraint = space.constraints.first else { return nil }
    throw EngineError.unusable(
      study: "the study",
      because: Explanation("nobody here can judge its constraint \(constraint)"))
  }
}
