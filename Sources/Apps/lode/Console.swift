import Commerce
import Foundation
import Synchronization

/// What people see: notes and progress on standard error, tables on standard output.
enum Console {
  /// Writes a line to standard error.
  static func note(_ text: String) {
    clearProgress()
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Writes a value as a line of JSON to standard output.
  static func write(_ value: JSONValue) {
    FileHandle.standardOutput.write(Data(value.serialized + [0x0A]))
  }

  /// Writes a table to standard output; columns of numbers are aligned to the right.
  static func table(_ header: [String], _ rows: [[String]]) {
    let widths = header.indices.map { column in
      ([header] + rows).map { width(of: $0[column]) }.max() ?? 0
    }
    let isNumber = header.indices.map { column in
      rows.contains { !$0[column].isEmpty } && rows.allSatisfy { looksLikeNumber($0[column]) }
    }
    for row in [header] + rows {
      let cells = row.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - width(of: row[column]))
        return isNumber[column] ? gap + row[column] : row[column] + gap
      }
      print(cells.joined(separator: "  ").trimmingTrailingSpaces)
    }
  }

  private static let isTerminal = isatty(STDERR_FILENO) == 1
  private static let progressShown = Mutex(false)
  private static let lastStage = Mutex("")

  /// Shows a progress bar on a terminal; elsewhere a line for each new stage.
  static func progress(_ stage: String, fraction: Double?) {
    guard isTerminal else {
      let isNew = lastStage.withLock { last in
        defer { last = stage }
        return last != stage
      }
      if isNew { FileHandle.standardError.write(Data((stage + "\n").utf8)) }
      return
    }
    let bar = fraction.map { fraction in
      let filled = Int((min(max(fraction, 0), 1) * 24).rounded())
      let percent = Int((fraction * 100).rounded(.down))
      return String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
        + " \(percent)% "
    }
    progressShown.withLock { $0 = true }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(bar ?? "")\(stage)".utf8))
  }

  /// Removes the progress bar.
  static func clearProgress() {
    let wasShown = progressShown.withLock { shown in
      defer { shown = false }
      return shown
    }
    if wasShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }

  private static func looksLikeNumber(_ text: String) -> Bool {
    text.isEmpty || text == "–" || text.allSatisfy { $0.isNumber || ".,%+-−±<$¥ ".contains($0) }
  }

  /// Columns on a terminal: characters of East Asian scripts take two.
  private static func width(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
      let isWide =
        (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xA4CF).contains(scalar.value)
        || (0xAC00...0xD7A3).contains(scalar.value) || (0xF900...0xFAFF).contains(scalar.value)
        || (0xFE30...0xFE6F).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
      return sum + (isWide ? 2 : 1)
    }
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var copy = self
    while copy.last == " " { copy.removeLast() }
    return copy
  }
}
