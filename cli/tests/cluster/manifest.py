"""Checks a Kubernetes manifest by the schemas of Kubernetes, and runs the command of its container as an indexed job's pods: each with the
environment that a pod has, its index among it, and nothing else of this process's but PATH. A pod whose command fails, which every third one's first
is made to do, is started again.

usage: manifest.py MANIFEST [PATH_IN_POD=PATH_HERE ...] [-- ARGUMENT ...]

The arguments are added to the command.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import kubernetes_validate
import yaml

words = sys.argv[1:]
words, added = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
with open(words[0]) as file:
    job = yaml.safe_load(file)
version = kubernetes_validate.latest_version()
kubernetes_validate.validate(job, version, strict=True)
print(f"valid by the schemas of Kubernetes {version}")

spec = job["spec"]
pod = spec["template"]["spec"]
(container,) = pod["containers"]
assert spec["completionMode"] == "Indexed" and pod["restartPolicy"] == "Never"
# What the schemas do not say: each mount is of a volume that there is.
volumes = {volume["name"] for volume in pod["volumes"]}
mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
assert set(mounts) <= volumes, (mounts, volumes)
command = container["command"] + container.get("args", []) + added
assert all(isinstance(word, str) for word in command), "an argument is no string"
for word in command:
    # What a pod reads and writes is on a volume.
    assert not word.startswith("/") or any(word.startswith(f"{path}/") for path in mounts.values()), f"{word} is on no volume"
for place in words[1:]:
    inside, here = place.split("=", 1)
    command = [here + word.removeprefix(inside) if word.startswith(inside) else word for word in command]


def run(index):
    """One pod after the other with this index, until one succeeds."""
    for attempt in range(spec["backoffLimit"] + 1):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": "/root",
            "HOSTNAME": f"{job['metadata']['name']}-{index}",
            "JOB_COMPLETION_INDEX": str(index),
            "KUBERNETES_SERVICE_HOST": "10.96.0.1",
            "KUBERNETES_SERVICE_PORT": "443",
            "KUBERNETES_SERVICE_PORT_HTTPS": "443",
            "KUBERNETES_PORT": "tcp://10.96.0.1:443",
            "KUBERNETES_PORT_443_TCP": "tcp://10.96.0.1:443",
        }
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if attempt == 0 and index % 3 == 2:
            # Evicted, or out of memory.
            time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
        said = process.communicate()[0]
        if process.returncode == 0:
            assert f"{index} of {spec['completions']}, by a Kubernetes job (JOB_COMPLETION_INDEX={index})" in said, said
            return attempt
        assert process.returncode == -signal.SIGKILL, said
    raise AssertionError(f"pod {index} fails: {said}")


with ThreadPoolExecutor(spec["parallelism"]) as pods:
    attempts = list(pods.map(run, range(spec["completions"])))
print(f"{spec['completions']} pods, of which {sum(attempts)} were killed and started again")
