"""A small region folder with people by age, a service and assumptions of its own."""

from __future__ import annotations

from tests.unit.data.folders import FILES

ZONES = """zone_id,district,easting,northing,cases,young,old
z1,north,380000,410000,10,100,0
z2,north,384000,412000,20,100,100
z3,south,390000,395000,30,300,50
z4,south,396000,390000,40,0,50
"""
ASSUMPTIONS = """id,what,value,distribution,parameters,unit,source,confidence,note
own.rate,Cases per person,0.1,gamma,cv=0.1,cases per person per year,Made up,judgement,
own.age_weight_young,Relative rate of the young,1,fixed,,relative rate,Made up,judgement,
own.age_weight_old,Relative rate of the old,3,fixed,,relative rate,Made up,judgement,
own.baseline_mortality,Deaths per case,0.2,beta,a=20;b=80,deaths per case,Made up,judgement,
own.hub_weight_none,Weight of no effect,0.5,fixed,,share,Made up,judgement,
own.hub_weight_moderate,Weight of a moderate effect,0.5,fixed,,share,Made up,judgement,
own.hub_weight_strong,Weight of a strong effect,0,fixed,,share,Made up,judgement,
own.hub_ln_or_moderate,Moderate effect,-0.5,normal,sd=0.1,log odds ratio,Made up,judgement,
own.hub_ln_or_strong,Strong effect,-0.9,normal,sd=0.1,log odds ratio,Made up,judgement,
own.share_moved,Share moved,0.5,beta,a=50;b=50,share,Made up,judgement,
own.neighbour_effect,Effect of a neighbour,0,fixed,,share,Made up,judgement,
own.standard,Standard,25,fixed,,minutes,Made up,judgement,
demand.growth_young,Growth of the young,-0.1,fixed,,share a year,Made up,judgement,
demand.growth_old,Growth of the old,0.5,fixed,,share a year,Made up,judgement,
"""
AGES = """[demand.ages]
young = "own.age_weight_young"
old = "own.age_weight_old"
"""
SERVICE = f"""id = "own"
name = "Our own"
cases = "cases of ours"
[demand]
rate = "own.rate"
{AGES}
[sites]
today = ["A", "N"]
[outcome]
model = "risk"
assumptions = "own"
effects = ["hub"]
[standard]
minutes = "own.standard"
"""
AGED = FILES | {
    "region.toml": 'name = "Small"\nservices = ["own"]\n',
    "zones.csv": ZONES,
    "assumptions.csv": ASSUMPTIONS,
    "services/own.toml": SERVICE,
}
BY_DISTRICT = SERVICE.replace('rate = "own.rate"', 'column = "cases"\ncalibrate_by = "district"')
BY_COLUMN = SERVICE.replace('rate = "own.rate"', 'column = "cases"').replace(AGES, "")
