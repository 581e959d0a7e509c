// Rows and numbers of trials. They are the same until a damaged store has lost a trial; from
// there on numbers are ahead of rows.

struct TrialNumbering: Sendable {
  /// Where numbers begin that follow one another: one run in a store that lost nothing.
  private(set) var runs: [(row: Int, number: Int)] = []
  private(set) var count = 0
  /// One above the highest number in use; `Int.max`: no number is left.
  var next = 0

  /// Gives the next row to trial `number`; nil when its number is not above all others, or so
  /// high that none is left behind it.
  mutating func append(_ number: Int) -> Int? {
    guard number >= next, number < .max else { return nil }
    if number != next || count == 0 { runs.append((count, number)) }
    next = number + 1
    count += 1
    return count - 1
  }

  /// Gives the next `count` rows to trials from `number` on; false when that is not above all
  /// others.
  mutating func extend(from number: Int, by count: Int) -> Bool {
    let (end, overflow) = number.addingReportingOverflow(count)
    guard count > 0, number >= next, !overflow else { return false }
    runs.append((self.count, number))
    next = end
    self.count += count
    return true
  }

  /// - Complexity: O(log runs).
  func row(ofNumber number: Int) -> Int? {
    let place = runs.firstPlace { $0.number > number } - 1
    guard place >= 0 else { return nil }
    let end = place + 1 < runs.count ? runs[place + 1].row : count
    let row = runs[place].row + (number - runs[place].number)
    return row < end ? row : nil
  }

  func number(ofRow row: Int) -> Int {
    let run = runs[runs.firstPlace { $0.row > row } - 1]
    return run.number + (row - run.row)
  }
}
