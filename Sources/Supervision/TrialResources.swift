// CPUs and GPUs, as an objective learns of them.

/// What tells an objective's libraries how much of the machine is theirs.
package enum TrialResources {
  /// The variables by which numeric libraries learn how many threads to start.
  ///
  /// An objective is asked, not bound to certain CPUs: two tools on one machine would bind
  /// theirs to the same ones.
  static let threadVariables = [
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS", "LOKY_MAX_CPU_COUNT",
    "POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "JULIA_NUM_THREADS",
    "GOMAXPROCS", "PYTHON_CPU_COUNT",
  ]

  /// Adds to `environment` what a trial with so many CPUs and these GPUs needs. A number of
  /// threads that is set already stays.
  package static func assign(
    cpus: Int?, devices: [String]?, to environment: inout [String: String]
  ) {
    if let cpus {
      for variable in threadVariables where environment[variable] == nil {
        environment[variable] = String(cpus)
      }
    }
    if let devices {
      environment["CUDA_DEVICE_ORDER"] = environment["CUDA_DEVICE_ORDER"] ?? "PCI_BUS_ID"
      environment["CUDA_VISIBLE_DEVICES"] = devices.joined(separator: ",")
    }
  }
}
