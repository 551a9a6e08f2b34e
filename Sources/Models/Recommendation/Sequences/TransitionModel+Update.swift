import Foundation

extension TransitionModel {
  /// Learns one more event of a user, the latest one: afterwards the model is the one that a fit on all events would give,
  /// up to rounding.
  ///
  /// New users and items are added. An event of no positive weight teaches nothing.
  /// - Complexity: O(window × neighbours of the items concerned).
  public mutating func update(_ interaction: Interaction) {
    guard interaction.weight > 0 else { return }
    let item = addItem(interaction.item)
    let user = Int(addUser(interaction.user))
    counts[Int(item)] += 1
    targetScales[Int(item)] = Self.scale(counts[Int(item)], configuration.popularityExponent)
    let window = configuration.window
    let places = user * window..<(user + 1) * window
    for (distance, place) in places.reversed().enumerated() {
      let earlier = latest[place]
      guard earlier >= 0 else { break }
      let value = Float(pow(configuration.distanceDecay, Double(distance)))
      add(value, from: earlier, to: item)
      add(value * Float(configuration.backwardWeight), from: item, to: earlier)
    }
    for place in places.dropLast() { latest[place] = latest[place + 1] }
    latest[places.upperBound - 1] = item
  }

  private mutating func addItem(_ id: String) -> Int32 {
    let index = items.insert(id)
    if Int(index) == counts.count {
      counts.append(0)
      rowSums.append(0)
      sourceScales.append(0)
      targetScales.append(0)
      changedIndex.append(-1)
    }
    return index
  }

  private mutating func addUser(_ id: String) -> Int32 {
    let known = users.count
    let index = users.insert(id)
    if users.count > known { latest.append(contentsOf: repeatElement(-1, count: configuration.window)) }
    return index
  }

  private mutating func add(_ value: Float, from source: Int32, to target: Int32) {
    guard value > 0 else { return }
    let row = changedRow(Int(source))
    rowSums[Int(source)] += value
    sourceScales[Int(source)] = Self.scale(rowSums[Int(source)], configuration.rowExponent)
    let place = changed[row].columns.withUnsafeBufferPointer { Self.lowerBound($0, target) }
    if place < changed[row].columns.count, changed[row].columns[place] == target {
      changed[row].values[place] += value
    } else {
      changed[row].columns.insert(target, at: place)
      changed[row].values.insert(value, at: place)
    }
  }

  /// The place in `changed` of a row, copied there at its first change.
  private mutating func changedRow(_ row: Int) -> Int {
    if changedIndex[row] >= 0 { return Int(changedIndex[row]) }
    let copy = withRow(row) { ChangedRow(columns: Array($0), values: Array($1)) }
    changedIndex[row] = Int32(changed.count)
    changed.append(copy)
    return changed.count - 1
  }
}
