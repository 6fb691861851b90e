"""Is what a process of a bench used of the processor read rightly?"""

from __future__ import annotations

import os
import time

from benchmarks.children import cpu_s

LARGEST_PID = 2**22  # pid_max of Linux on 64 bits: nobody has it (proc_sys_kernel(5))


def test_what_a_process_used_is_what_it_says_itself() -> None:
    before = time.process_time()
    used = cpu_s(os.getpid())
    assert before - 0.5 < used < time.process_time() + 0.5  # counted in hundredths of a second
    assert cpu_s(LARGEST_PID) == 0.0
