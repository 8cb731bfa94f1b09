#!/bin/bash
# A run over several nodes: sbatch deploy/slurm.sh my.yaml. Started again it goes on from the newest checkpoint. Not run by the authors.
#SBATCH --job-name=reft
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --time=12:00:00
#SBATCH --signal=TERM@300
#SBATCH --requeue
set -euo pipefail
config="$1"
run="${2:-runs/$(basename "$config" .yaml)}"
export OMP_NUM_THREADS="$SLURM_CPUS_PER_TASK"
if [ -f "$run/config.yaml" ]; then
  exec srun --mpi=pmix reft train "$run" --resume
fi
exec srun --mpi=pmix reft train "$config" --set "run=$run"
