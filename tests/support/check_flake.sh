#!/bin/sh
# Check flake.nix offline, against a stand-in for nixpkgs: syntax, structure, the shell and `nix run` of each system.
# Run by hand where Nix is installed. What it cannot show: that nixpkgs has packages of these names.
set -eu
cd "$(dirname "$0")/../.."
export NIX_CONFIG='experimental-features = nix-command flakes'

nix-instantiate --parse flake.nix >/dev/null

stub=$(mktemp -d)
trap 'rm -rf "$stub"' EXIT
mkdir "$stub/nixpkgs" "$stub/flake"
cat >"$stub/nixpkgs/flake.nix" <<'STUB'
{
  outputs = { self }:
    let
      genAttrs = names: make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
      package = system: name: derivation { inherit name system; builder = "/bin/sh"; };
      pkgs = system: {
        inherit system;
        python313 = package system "python313";
        ollama = package system "ollama";
        nodejs = package system "nodejs";
        gnumake = package system "gnumake";
        git = package system "git";
        chromium = package system "chromium";
        writeShellApplication = { name, runtimeInputs, text }: derivation {
          inherit name system text; inputs = runtimeInputs; builder = "/bin/sh";
        };
        stdenv.cc.cc.lib = package system "cc-lib";
        mkShell = { packages, shellHook, LD_LIBRARY_PATH }: derivation {
          name = "shell"; inherit system shellHook LD_LIBRARY_PATH; inputs = packages; builder = "/bin/sh";
        };
      };
    in {
      lib = { inherit genAttrs; };
      legacyPackages = genAttrs [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ] pkgs;
    };
}
STUB
cp flake.nix "$stub/flake/"
git -C "$stub/flake" init --quiet
git -C "$stub/flake" add flake.nix
for system in x86_64-linux aarch64-linux x86_64-darwin aarch64-darwin; do
    nix eval --offline --no-write-lock-file --override-input nixpkgs "path:$stub/nixpkgs" --raw \
        "$stub/flake#devShells.$system.default.shellHook"
    nix eval --offline --no-write-lock-file --override-input nixpkgs "path:$stub/nixpkgs" --raw \
        "$stub/flake#apps.$system.default.program"
    echo
done
echo "flake.nix is sound as far as that can be seen offline."
