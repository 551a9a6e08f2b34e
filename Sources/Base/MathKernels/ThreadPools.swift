import COpenBLAS

/// The one place where the threads of numeric libraries are capped.
public enum ThreadPools {
  /// Gives OpenBLAS this many threads. Parallel work of our own splits into blocks that call BLAS with one thread each,
  /// so one thread is the default elsewhere.
  public static func setBLASThreads(_ count: Int) { openblas_set_num_threads(Int32(max(1, count))) }
}
