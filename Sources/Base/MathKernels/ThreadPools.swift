import COpenBLAS

/// The one place where the threads of numeric libraries are capped.
public enum ThreadPools {
  /// Gives OpenBLAS this many threads. Parallel work of our own splits into blocks that call BLAS with one thread each,
  /// so one thread is the default elsewhere.
  public static func setBLASThreads(_ count: Int) {
    capBLASOnce()
    openblas_set_num_threads(Int32(max(1, count)))
  }

  /// Caps OpenBLAS at one thread the first time it is called; later calls leave what `setBLASThreads` chose.
  public static func capBLASOnce() { cap }

  private static let cap: Void = openblas_set_num_threads(1)
}
